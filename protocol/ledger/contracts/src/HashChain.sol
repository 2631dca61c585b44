// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title HashChain
/// @notice PayWord (Rivest and Shamir, 1996): a payer commits to the end of a chain of hashes and pays by giving the
/// words before it, one for each unit of service, without a signature. The payee's collector hands in the newest word;
/// the contract hashes it until it meets the last one that it knows.
/// @dev A step costs about 90 gas. Whoever holds a word holds all that came before it, so a redemption that is too
/// long for one transaction is made in parts. Holds at all times: balance >= sum of price * left of all open chains +
/// sum of refunds.
contract HashChain is ReentrancyGuardTransient {
    /// @notice Where a chain stands. Closed is for ever: words that were shown are worth nothing again.
    enum State {
        None,
        Open,
        Closed
    }

    /// @notice One chain; four storage slots, of which the last outlives the closing.
    struct Chain {
        address payer; // gets the rest
        uint64 price; // wei for a word
        uint32 left; // words that are not paid yet
        address payee; // is paid
        uint32 challengePeriod; // seconds between requestClose and finalize
        uint64 closesAt; // when finalize becomes possible; zero until the payer asks
        bytes32 word; // the newest that was redeemed; the anchor at first
        address collector; // may close on the payee's behalf
        State state;
    }

    /// @notice The gas that a payer that is a contract gets to accept its refund.
    uint256 public constant REFUND_GAS = 30_000;

    /// @notice The chains by id.
    mapping(bytes32 id => Chain) public chains;

    /// @notice Refunds in wei that could not be delivered and wait for {takeRefund}.
    mapping(address payer => uint256) public refunds;

    /// @notice A payer has opened a chain.
    /// @param id The chain.
    /// @param payer Who pays.
    /// @param payee Who is paid.
    /// @param collector Who may close besides the payee.
    /// @param anchor The end of the chain: the last word, hashed.
    /// @param price Wei for a word.
    /// @param words How many words there are.
    /// @param challengePeriod Seconds between {requestClose} and {finalize}.
    event Opened(
        bytes32 indexed id,
        address indexed payer,
        address indexed payee,
        address collector,
        bytes32 anchor,
        uint64 price,
        uint32 words,
        uint32 challengePeriod
    );

    /// @notice Words have been paid.
    /// @param id The chain.
    /// @param words How many.
    /// @param amount How much, in wei.
    event Redeemed(bytes32 indexed id, uint32 words, uint256 amount);

    /// @notice A payer wants the rest back.
    /// @param id The chain.
    /// @param closesAt When {finalize} becomes possible, in seconds of block time.
    event CloseRequested(bytes32 indexed id, uint64 closesAt);

    /// @notice A chain is closed for ever.
    /// @param id The chain.
    /// @param refund What the payer got or may take, in wei.
    event Closed(bytes32 indexed id, uint256 refund);

    /// @notice A payer did not accept its refund; it may take it with {takeRefund}.
    /// @param payer Who.
    /// @param amount How much, in wei.
    event RefundParked(address indexed payer, uint256 amount);

    /// @notice Payee and collector must not be the zero address.
    error ZeroAddress();

    /// @notice A chain needs words, a price for them, and a challenge period.
    error BadTerms();

    /// @notice The value sent must be what all words cost together.
    /// @param value What was sent, in wei.
    /// @param cost What they cost, in wei.
    error WrongDeposit(uint256 value, uint256 cost);

    /// @notice This payer has used this anchor with this payee before.
    /// @param id The chain.
    error ChainExists(bytes32 id);

    /// @notice The chain was never opened, or is closed.
    /// @param id The chain.
    error NotOpen(bytes32 id);

    /// @notice Only the chain's collector or payee may do this.
    /// @param caller Who tried.
    error NotCollector(address caller);

    /// @notice Only the chain's payer may do this.
    /// @param caller Who tried.
    error NotPayer(address caller);

    /// @notice There are not so many words left.
    /// @param words How many are asked for.
    /// @param left How many there are.
    error TooMany(uint32 words, uint32 left);

    /// @notice The word, hashed so many times, is not the newest that was redeemed.
    error BadWord();

    /// @notice The payer has asked before; asking again does not move the time.
    /// @param closesAt When {finalize} becomes possible, in seconds of block time.
    error AlreadyRequested(uint64 closesAt);

    /// @notice The challenge period is not over, or was never begun (closesAt is zero).
    /// @param closesAt When {finalize} becomes possible, in seconds of block time.
    error TooEarly(uint64 closesAt);

    /// @notice No refund waits for the caller.
    /// @param caller Who tried.
    error NothingDue(address caller);

    /// @notice Opens a chain and locks what all its words cost.
    /// @param payee Who is paid.
    /// @param collector Who may close on the payee's behalf.
    /// @param anchor The end of the chain. It must be fresh: whoever knows the words of a chain is paid for them.
    /// @param price Wei for a word.
    /// @param words How many words there are.
    /// @param challengePeriod Seconds between {requestClose} and {finalize}.
    /// @return id The chain.
    function open(address payee, address collector, bytes32 anchor, uint64 price, uint32 words, uint32 challengePeriod)
        external
        payable
        returns (bytes32 id)
    {
        if (payee == address(0) || collector == address(0)) revert ZeroAddress();
        if (price == 0 || words == 0 || challengePeriod == 0) revert BadTerms();
        uint256 cost = uint256(price) * words;
        if (msg.value != cost) revert WrongDeposit(msg.value, cost);
        id = chainId(msg.sender, payee, anchor);
        if (chains[id].state != State.None) revert ChainExists(id);
        chains[id] = Chain(msg.sender, price, words, payee, challengePeriod, 0, anchor, collector, State.Open);
        emit Opened(id, msg.sender, payee, collector, anchor, price, words, challengePeriod);
    }

    /// @notice Pays the payee for words, whoever calls; the chain stays open. In the challenge period this is the
    /// challenge: anybody who has the newest word can make it for a payee that is away.
    /// @param id The chain.
    /// @param words How many words were given since the last redemption.
    /// @param word The newest.
    function redeem(bytes32 id, uint32 words, bytes32 word) external nonReentrant {
        if (chains[id].state != State.Open) revert NotOpen(id);
        _redeem(id, words, word);
    }

    /// @notice Pays for words, which may be none, and closes the chain: the rest goes back to the payer.
    /// @param id The chain.
    /// @param words How many words were given since the last redemption.
    /// @param word The newest; with no words, the last that was redeemed.
    function close(bytes32 id, uint32 words, bytes32 word) external nonReentrant {
        Chain storage c = chains[id];
        if (c.state != State.Open) revert NotOpen(id);
        if (msg.sender != c.collector && msg.sender != c.payee) revert NotCollector(msg.sender);
        _redeem(id, words, word);
        _close(id);
    }

    /// @notice Starts the challenge period, after which the payer may {finalize}.
    /// @param id The chain.
    function requestClose(bytes32 id) external {
        Chain storage c = chains[id];
        if (c.state != State.Open) revert NotOpen(id);
        if (msg.sender != c.payer) revert NotPayer(msg.sender);
        if (c.closesAt != 0) revert AlreadyRequested(c.closesAt);
        c.closesAt = uint64(block.timestamp) + c.challengePeriod;
        emit CloseRequested(id, c.closesAt);
    }

    /// @notice Gives the payer back what was not redeemed once the challenge period is over.
    /// @param id The chain.
    function finalize(bytes32 id) external nonReentrant {
        Chain storage c = chains[id];
        if (c.state != State.Open) revert NotOpen(id);
        if (msg.sender != c.payer) revert NotPayer(msg.sender);
        if (c.closesAt == 0 || block.timestamp < c.closesAt) revert TooEarly(c.closesAt);
        _close(id);
    }

    /// @notice Sends the refunds that wait for the caller.
    /// @param to Where to.
    function takeRefund(address payable to) external nonReentrant {
        uint256 amount = refunds[msg.sender];
        if (amount == 0) revert NothingDue(msg.sender);
        refunds[msg.sender] = 0;
        Address.sendValue(to, amount);
    }

    /// @notice The id of a chain on this chain of blocks and in this contract.
    /// @param payer Who pays.
    /// @param payee Who is paid.
    /// @param anchor The end of the chain.
    function chainId(address payer, address payee, bytes32 anchor) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), payer, payee, anchor));
    }

    /// @notice What a word is after so many hashes.
    /// @param word The word.
    /// @param times How many.
    function climb(bytes32 word, uint32 times) public pure returns (bytes32) {
        assembly ("memory-safe") {
            mstore(0, word)
            for {} times { times := sub(times, 1) } { mstore(0, keccak256(0, 32)) }
            word := mload(0)
        }
        return word;
    }

    function _redeem(bytes32 id, uint32 words, bytes32 word) private {
        Chain storage c = chains[id];
        if (words > c.left) revert TooMany(words, c.left);
        if (climb(word, words) != c.word) revert BadWord();
        if (words == 0) return;
        c.word = word;
        c.left -= words;
        uint256 amount = uint256(c.price) * words;
        emit Redeemed(id, words, amount);
        Address.sendValue(payable(c.payee), amount);
    }

    /// @dev The gas of a refund is bounded: others pay for it and the payer chose the code that runs.
    function _close(bytes32 id) private {
        Chain memory c = chains[id];
        uint256 refund = uint256(c.price) * c.left;
        delete chains[id];
        chains[id].state = State.Closed;
        emit Closed(id, refund);
        if (refund == 0) return;
        (bool ok,) = c.payer.call{value: refund, gas: REFUND_GAS}("");
        if (ok) return;
        refunds[c.payer] += refund;
        emit RefundParked(c.payer, refund);
    }
}
