// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title StorageDeals
/// @notice A client pays a provider over time to keep a shard. The provider puts up a bond. The client may ask a few
/// times for a piece of the shard that chance picks; a provider that does not show it in time loses the bond.
/// @dev The shard's root is that of the token format: a Merkle tree of RFC 6962 with SHA-256 over its pieces, `00` before
/// a piece and `01` before a node. The pick comes from PREVRANDAO, which a proposer that is also the provider could bend
/// a little. Holds at all times: balance >= sum of price - paid of all deals that are offered or running + sum of bonds
/// of those that run.
contract StorageDeals is ReentrancyGuardTransient {
    /// @notice Where a deal stands. Over is for ever.
    enum State {
        None,
        Offered,
        Running,
        Over
    }

    /// @notice One deal.
    struct Deal {
        address client; // pays, may challenge
        uint96 price; // wei for the whole period
        address provider; // keeps the shard
        uint96 bond; // wei that it loses if it does not answer
        bytes32 root; // of the shard's pieces
        uint96 paid; // wei of the price that the provider has had
        uint32 pieces; // how many there are
        uint32 period; // seconds
        uint32 window; // seconds to answer a challenge
        uint16 challenges; // that the client has left
        State state;
        uint64 began; // when the provider accepted
        uint64 due; // when the open challenge has to be answered; zero if there is none
        uint32 piece; // that is asked for
    }

    /// @notice How many deals there have been.
    uint256 public count;

    mapping(uint256 id => Deal) private _deals;

    /// @notice A client offers a deal.
    /// @param id The deal.
    /// @param client Who pays.
    /// @param provider Who may accept.
    /// @param root Of the shard's pieces.
    /// @param price Wei for the whole period.
    event Offered(uint256 indexed id, address indexed client, address indexed provider, bytes32 root, uint256 price);

    /// @notice The provider has put up its bond: the deal runs.
    /// @param id The deal.
    event Accepted(uint256 indexed id);

    /// @notice The client wants to see a piece.
    /// @param id The deal.
    /// @param piece Which, from 0.
    /// @param due When the provider has to have shown it, in seconds of block time.
    event Challenged(uint256 indexed id, uint32 piece, uint64 due);

    /// @notice The provider has shown the piece.
    /// @param id The deal.
    /// @param piece Which.
    event Proved(uint256 indexed id, uint32 piece);

    /// @notice The provider has been paid for the time that has passed.
    /// @param id The deal.
    /// @param amount How much now, in wei.
    event Collected(uint256 indexed id, uint256 amount);

    /// @notice The deal is over.
    /// @param id The deal.
    /// @param toProvider What the provider got now, bond included, in wei.
    /// @param toClient What the client got, in wei.
    event Ended(uint256 indexed id, uint256 toProvider, uint256 toClient);

    /// @notice A deal needs a provider, pieces, a period and a window.
    error BadTerms();

    /// @notice The deal is not in the state for this.
    /// @param id The deal.
    /// @param state The state that it is in.
    error WrongState(uint256 id, State state);

    /// @notice Only the client, or only the provider, may do this.
    /// @param caller Who tried.
    error NotParty(address caller);

    /// @notice The value sent must be the bond.
    /// @param value What was sent, in wei.
    /// @param bond The bond, in wei.
    error WrongBond(uint256 value, uint256 bond);

    /// @notice A challenge is open.
    /// @param due When it has to be answered, in seconds of block time.
    error Challenging(uint64 due);

    /// @notice No challenge is open.
    error NotChallenged();

    /// @notice The client has no challenges left, or the period is over.
    error NoMoreChallenges();

    /// @notice The time to answer is over.
    /// @param due When it was, in seconds of block time.
    error TooLate(uint64 due);

    /// @notice The time to answer, or the period, is not over.
    /// @param end When it is, in seconds of block time.
    error TooEarly(uint64 end);

    /// @notice The path does not lead from the piece to the root.
    error BadProof();

    /// @notice Offers a deal and locks its price, which is the value sent.
    /// @param provider Who may accept.
    /// @param root Of the shard's pieces.
    /// @param pieces How many there are.
    /// @param bond Wei that the provider puts up.
    /// @param period Seconds.
    /// @param window Seconds to answer a challenge.
    /// @param challenges How often the client may ask; the provider pays the gas of each answer.
    /// @return id The deal.
    function offer(
        address provider,
        bytes32 root,
        uint32 pieces,
        uint96 bond,
        uint32 period,
        uint32 window,
        uint16 challenges
    ) external payable returns (uint256 id) {
        if (provider == address(0) || pieces == 0 || period == 0 || window == 0) revert BadTerms();
        id = count++;
        Deal storage d = _deals[id];
        d.client = msg.sender;
        d.price = SafeCast.toUint96(msg.value);
        d.provider = provider;
        d.bond = bond;
        d.root = root;
        (d.pieces, d.period, d.window, d.challenges, d.state) = (pieces, period, window, challenges, State.Offered);
        emit Offered(id, msg.sender, provider, root, msg.value);
    }

    /// @notice Takes back an offer that nobody has accepted.
    /// @param id The deal.
    function cancel(uint256 id) external nonReentrant {
        Deal storage d = _in(id, State.Offered);
        if (msg.sender != d.client) revert NotParty(msg.sender);
        _end(id, 0, d.price);
    }

    /// @notice Accepts a deal and puts up the bond, which is the value sent.
    /// @param id The deal.
    function accept(uint256 id) external payable {
        Deal storage d = _in(id, State.Offered);
        if (msg.sender != d.provider) revert NotParty(msg.sender);
        if (msg.value != d.bond) revert WrongBond(msg.value, d.bond);
        d.state = State.Running;
        d.began = uint64(block.timestamp);
        emit Accepted(id);
    }

    /// @notice Asks for a piece that chance picks.
    /// @param id The deal.
    function challenge(uint256 id) external {
        Deal storage d = _in(id, State.Running);
        if (msg.sender != d.client) revert NotParty(msg.sender);
        if (d.due != 0) revert Challenging(d.due);
        if (d.challenges == 0 || block.timestamp >= d.began + d.period) revert NoMoreChallenges();
        uint256 draw = uint256(keccak256(abi.encode(block.prevrandao, id, --d.challenges)));
        d.piece = uint32(draw % d.pieces);
        d.due = uint64(block.timestamp) + d.window;
        emit Challenged(id, d.piece, d.due);
    }

    /// @notice Shows the piece that is asked for. Anybody may who has it.
    /// @param id The deal.
    /// @param piece Its bytes.
    /// @param path The hashes beside the way from it to the root, lowest first.
    function prove(uint256 id, bytes calldata piece, bytes32[] calldata path) external {
        Deal storage d = _in(id, State.Running);
        if (d.due == 0) revert NotChallenged();
        if (block.timestamp > d.due) revert TooLate(d.due);
        if (rootOf(piece, d.piece, d.pieces, path) != d.root) revert BadProof();
        d.due = 0;
        emit Proved(id, d.piece);
    }

    /// @notice Pays the provider for the time that has passed, and, once the period is over, gives its bond back. Not
    /// while a challenge is open.
    /// @param id The deal.
    function collect(uint256 id) external nonReentrant {
        Deal storage d = _in(id, State.Running);
        if (msg.sender != d.provider) revert NotParty(msg.sender);
        if (d.due != 0) revert Challenging(d.due);
        uint256 passed = block.timestamp - d.began;
        if (passed >= d.period) {
            _end(id, uint256(d.price) - d.paid + d.bond, 0);
            return;
        }
        uint256 amount = uint256(d.price) * passed / d.period - d.paid;
        d.paid += uint96(amount);
        emit Collected(id, amount);
        Address.sendValue(payable(d.provider), amount);
    }

    /// @notice Ends a deal whose provider has not answered: the client gets the bond and what is not paid. Anybody may.
    /// @param id The deal.
    function slash(uint256 id) external nonReentrant {
        Deal storage d = _in(id, State.Running);
        if (d.due == 0) revert NotChallenged();
        if (block.timestamp <= d.due) revert TooEarly(d.due);
        _end(id, 0, uint256(d.price) - d.paid + d.bond);
    }

    /// @notice All there is of a deal.
    /// @param id The deal.
    function deal(uint256 id) external view returns (Deal memory) {
        return _deals[id];
    }

    /// @notice The root that a piece has with a path, by RFC 9162, section 2.1.3.2; zero if the path is not as long as
    /// the place of the piece asks for.
    /// @param piece Its bytes.
    /// @param index Which it is, from 0.
    /// @param pieces How many there are.
    /// @param path The hashes beside the way from it to the root, lowest first.
    /// @return node The root.
    function rootOf(bytes calldata piece, uint256 index, uint256 pieces, bytes32[] calldata path)
        public
        pure
        returns (bytes32 node)
    {
        node = sha256(bytes.concat(bytes1(0x00), piece));
        uint256 last = pieces - 1;
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return 0;
            if (index % 2 == 1 || index == last) {
                node = sha256(bytes.concat(bytes1(0x01), path[i], node));
                while (index % 2 == 0 && index != 0) (index, last) = (index / 2, last / 2);
            } else {
                node = sha256(bytes.concat(bytes1(0x01), node, path[i]));
            }
            (index, last) = (index / 2, last / 2);
        }
        if (last != 0) return 0;
    }

    function _in(uint256 id, State state) private view returns (Deal storage d) {
        d = _deals[id];
        if (d.state != state) revert WrongState(id, d.state);
    }

    /// @dev Marks the deal over before anything is sent. Exactly one of the two is paid.
    function _end(uint256 id, uint256 toProvider, uint256 toClient) private {
        Deal storage d = _deals[id];
        d.state = State.Over;
        emit Ended(id, toProvider, toClient);
        if (toProvider > 0) Address.sendValue(payable(d.provider), toProvider);
        if (toClient > 0) Address.sendValue(payable(d.client), toClient);
    }
}
