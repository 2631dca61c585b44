// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title VirtualChannels
/// @notice Payments through intermediaries. Neighbours on a way from a viewer over hubs to a payee have a ledger channel
/// each: the payer's deposit, and off the chain a balance that both have signed. A balance says what the payee has earned
/// in all and carries, as the root of a Merkle tree, guarantees: each stands for one virtual channel and promises what
/// the newest voucher of that channel's own signer says, up to a cap, and the fee of those in between. So a viewer pays
/// who serves it by vouchers that no hub sees, and whatever a hub has to pay by one it gets by the same one.
/// @dev After Perun (Dziembowski, Eckey, Faust, Malinowski: Virtual Payment Channels over Cryptocurrencies, 2019) and
/// Nitro (Close: Nitro Protocol, 2019), reduced to payments in one direction. A closing has two periods of the same
/// length: newer balances are shown in the first, guarantees of the newest are claimed in the second. A hub takes part
/// in a virtual channel only if the period of the ledger channel that it is paid by is longer than that of the one it
/// pays by, by the time that it needs to react: then it sees every claim in time to make its own. Holds at all times:
/// balance >= sum of deposit - paid of all ledger channels that are not closed.
contract VirtualChannels is EIP712, ReentrancyGuardTransient {
    /// @notice Where a ledger channel stands. Closed is for ever.
    enum State {
        None,
        Open,
        Closed
    }

    /// @notice One ledger channel.
    struct Ledger {
        address payer; // locks the deposit, gets the rest
        uint96 deposit; // wei locked in all
        address payee; // gets what the balance says
        uint96 paid; // wei that it has had
        address agent; // signs for the payee
        uint32 period; // seconds, twice from requestClose to finalize
        uint64 closesAt; // when the first period ends; zero until somebody asks
        State state;
        uint64 version; // of the newest balance shown
        bytes32 root; // of its guarantees
    }

    /// @notice What payer and agent sign: what the payee has earned, and what the payer guarantees besides.
    struct Balance {
        uint64 version; // a higher one replaces a lower one
        uint256 amount; // wei that the payee has earned in all
        bytes32 root; // of the guarantees that are open; zero if there is none
    }

    /// @notice What a payer owes of one virtual channel: its newest voucher, at most the cap, with the fees.
    struct Guarantee {
        bytes32 channel; // the virtual channel
        address signer; // of its vouchers
        uint96 cap; // wei of the voucher that count at most
        uint96 fixedFee; // wei besides
        uint16 bps; // of the voucher besides, in hundredths of a percent
    }

    /// @notice The type hash of a balance, EIP-712.
    bytes32 public constant BALANCE_TYPEHASH =
        keccak256("Balance(bytes32 ledger,uint64 version,uint256 amount,bytes32 root)");

    /// @notice The type hash of a voucher of a virtual channel, EIP-712.
    bytes32 public constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 channel,uint256 amount)");

    /// @notice The ledger channels by id.
    mapping(bytes32 id => Ledger) public ledgers;

    /// @notice The guarantees that have been claimed.
    mapping(bytes32 id => mapping(bytes32 leaf => bool)) public claimed;

    /// @notice A payer has opened a ledger channel.
    /// @param id The ledger channel.
    /// @param payer Who locks the deposit.
    /// @param payee Who is paid.
    /// @param agent Who signs for the payee.
    /// @param deposit What is locked, in wei.
    /// @param period Seconds of each period of a closing.
    event LedgerOpened(
        bytes32 indexed id, address indexed payer, address indexed payee, address agent, uint256 deposit, uint32 period
    );

    /// @notice A newer balance has been shown, and what it says is paid.
    /// @param id The ledger channel.
    /// @param version Of the balance.
    /// @param amount What the payee has earned in all, in wei.
    event Redeemed(bytes32 indexed id, uint64 version, uint256 amount);

    /// @notice A closing has begun.
    /// @param id The ledger channel.
    /// @param closesAt When its first period ends, in seconds of block time.
    event CloseRequested(bytes32 indexed id, uint64 closesAt);

    /// @notice A guarantee has been claimed.
    /// @param id The ledger channel.
    /// @param channel The virtual channel.
    /// @param amount What its voucher says, in wei.
    /// @param due What was paid for it, in wei.
    event Claimed(bytes32 indexed id, bytes32 indexed channel, uint256 amount, uint256 due);

    /// @notice A ledger channel is closed for ever.
    /// @param id The ledger channel.
    /// @param paid What the payee has had, in wei.
    /// @param refund What the payer got back, in wei.
    event LedgerClosed(bytes32 indexed id, uint256 paid, uint256 refund);

    /// @notice Payee and agent must not be the zero address.
    error ZeroAddress();

    /// @notice A ledger channel needs a deposit.
    error NoDeposit();

    /// @notice A ledger channel needs a period, or nobody could answer.
    error NoPeriod();

    /// @notice This payer has used this nonce with this payee before.
    /// @param id The ledger channel.
    error LedgerExists(bytes32 id);

    /// @notice The ledger channel was never opened, or is closed.
    /// @param id The ledger channel.
    error NotOpen(bytes32 id);

    /// @notice Only payer and agent may do this.
    /// @param caller Who tried.
    error NotParty(address caller);

    /// @notice A balance of this version or a newer one has been shown, or the payee has had more.
    /// @param version What was shown.
    /// @param newest The version that is known.
    error StaleBalance(uint64 version, uint64 newest);

    /// @notice This is more than is locked.
    /// @param amount What the payee would have had, in wei.
    /// @param deposit What is locked, in wei.
    error OverDeposit(uint256 amount, uint256 deposit);

    /// @notice The signature is malformed, or not that of the other side for this balance, contract and chain.
    error BadBalance();

    /// @notice The signature is malformed, or not that of the guarantee's signer for this voucher, contract and chain.
    error BadVoucher();

    /// @notice Somebody has asked before; asking again does not move the time.
    /// @param closesAt When the first period ends, in seconds of block time.
    error AlreadyRequested(uint64 closesAt);

    /// @notice The period in which this is possible has not begun; closesAt is zero if nobody has asked to close.
    /// @param closesAt When the first period ends, in seconds of block time.
    error TooEarly(uint64 closesAt);

    /// @notice The period in which this was possible is over.
    /// @param closesAt When the first period ended, in seconds of block time.
    error TooLate(uint64 closesAt);

    /// @notice The guarantee is not in the newest balance.
    /// @param leaf Its leaf.
    error NotGuaranteed(bytes32 leaf);

    /// @notice The guarantee has been claimed.
    /// @param leaf Its leaf.
    error AlreadyClaimed(bytes32 leaf);

    constructor() EIP712("Kinetoscope VirtualChannels", "1") {}

    /// @notice Opens a ledger channel from the caller and locks the value sent.
    /// @param payee Who is paid.
    /// @param agent Who signs for the payee.
    /// @param nonce Tells ledger channels between the same two apart; each may be used once.
    /// @param period Seconds of each period of a closing; not zero.
    /// @return id The ledger channel's id.
    function open(address payee, address agent, uint64 nonce, uint32 period) external payable returns (bytes32 id) {
        if (payee == address(0) || agent == address(0)) revert ZeroAddress();
        if (msg.value == 0) revert NoDeposit();
        if (period == 0) revert NoPeriod();
        id = ledgerId(msg.sender, payee, nonce);
        Ledger storage x = ledgers[id];
        if (x.state != State.None) revert LedgerExists(id);
        (x.payer, x.deposit, x.payee) = (msg.sender, SafeCast.toUint96(msg.value), payee);
        (x.agent, x.period, x.state) = (agent, period, State.Open);
        emit LedgerOpened(id, msg.sender, payee, agent, msg.value, period);
    }

    /// @notice Shows a newer balance and pays the payee what it has earned by it; the ledger channel stays open. The
    /// payer shows what the agent has signed, everybody else what the payer has signed. In the first period of a closing
    /// this is the challenge.
    /// @param id The ledger channel.
    /// @param b The balance.
    /// @param signature The other side's signature of {balanceDigest}: r, s, v in 65 bytes, with the lower s.
    function redeem(bytes32 id, Balance calldata b, bytes calldata signature) external nonReentrant {
        Ledger storage x = ledgers[id];
        if (x.state != State.Open) revert NotOpen(id);
        if (x.closesAt != 0 && block.timestamp >= x.closesAt) revert TooLate(x.closesAt);
        if (b.version <= x.version || b.amount < x.paid) revert StaleBalance(b.version, x.version);
        if (b.amount > x.deposit) revert OverDeposit(b.amount, x.deposit);
        address other = msg.sender == x.payer ? x.agent : x.payer;
        if (!_signed(balanceDigest(id, b), signature, other)) revert BadBalance();
        uint256 due = b.amount - x.paid;
        (x.version, x.paid, x.root) = (b.version, uint96(b.amount), b.root);
        emit Redeemed(id, b.version, b.amount);
        if (due > 0) Address.sendValue(payable(x.payee), due);
    }

    /// @notice Begins to close a ledger channel: newer balances are shown for a period, then guarantees are claimed for
    /// another.
    /// @param id The ledger channel.
    function requestClose(bytes32 id) external {
        Ledger storage x = ledgers[id];
        if (x.state != State.Open) revert NotOpen(id);
        if (msg.sender != x.payer && msg.sender != x.agent) revert NotParty(msg.sender);
        if (x.closesAt != 0) revert AlreadyRequested(x.closesAt);
        x.closesAt = uint64(block.timestamp) + x.period;
        emit CloseRequested(id, x.closesAt);
    }

    /// @notice Pays the payee what a guarantee of the newest balance is worth by a voucher, once, whoever calls.
    /// @param id The ledger channel.
    /// @param g The guarantee.
    /// @param path Its path to the root, lowest step first.
    /// @param amount What the voucher says, in wei.
    /// @param signature The signature of {voucherDigest} by the guarantee's signer: r, s, v in 65 bytes, with the lower s.
    function claim(bytes32 id, Guarantee calldata g, bytes32[] calldata path, uint256 amount, bytes calldata signature)
        external
        nonReentrant
    {
        Ledger storage x = ledgers[id];
        bytes32 leaf = leafOf(g);
        if (x.state != State.Open) revert NotOpen(id);
        if (x.closesAt == 0 || block.timestamp < x.closesAt) revert TooEarly(x.closesAt);
        if (block.timestamp >= uint256(x.closesAt) + x.period) revert TooLate(x.closesAt);
        if (!MerkleProof.verifyCalldata(path, x.root, leaf)) revert NotGuaranteed(leaf);
        if (claimed[id][leaf]) revert AlreadyClaimed(leaf);
        if (!_signed(voucherDigest(g.channel, amount), signature, g.signer)) revert BadVoucher();
        uint256 due = worth(g, amount);
        uint256 paid = x.paid + due;
        if (paid > x.deposit) revert OverDeposit(paid, x.deposit);
        claimed[id][leaf] = true;
        x.paid = uint96(paid);
        emit Claimed(id, g.channel, amount, due);
        Address.sendValue(payable(x.payee), due);
    }

    /// @notice Gives the payer back what the payee has not had, once both periods are over.
    /// @param id The ledger channel.
    function finalize(bytes32 id) external nonReentrant {
        Ledger memory x = ledgers[id];
        if (x.state != State.Open) revert NotOpen(id);
        if (x.closesAt == 0 || block.timestamp < uint256(x.closesAt) + x.period) revert TooEarly(x.closesAt);
        uint256 refund = x.deposit - x.paid;
        delete ledgers[id];
        ledgers[id].state = State.Closed;
        emit LedgerClosed(id, x.paid, refund);
        if (refund > 0) Address.sendValue(payable(x.payer), refund);
    }

    /// @notice The id of a ledger channel on this chain and in this contract.
    /// @param payer Who pays.
    /// @param payee Who is paid.
    /// @param nonce Tells ledger channels between the same two apart.
    function ledgerId(address payer, address payee, uint64 nonce) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), payer, payee, nonce));
    }

    /// @notice What payer and agent sign, EIP-712.
    /// @param id The ledger channel.
    /// @param b The balance.
    function balanceDigest(bytes32 id, Balance calldata b) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(BALANCE_TYPEHASH, id, b.version, b.amount, b.root)));
    }

    /// @notice What the payer of a virtual channel signs, EIP-712.
    /// @param channel The virtual channel.
    /// @param amount What it has paid in all, in wei.
    function voucherDigest(bytes32 channel, uint256 amount) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, channel, amount)));
    }

    /// @notice What a guarantee pays for a voucher, in wei.
    /// @param g The guarantee.
    /// @param amount What the voucher says, in wei.
    function worth(Guarantee calldata g, uint256 amount) public pure returns (uint256) {
        uint256 counts = Math.min(amount, g.cap);
        return counts + g.fixedFee + counts * g.bps / 10_000;
    }

    /// @notice A guarantee in the tree of a balance: hashed twice, so that no inner node can be taken for one.
    /// @param g The guarantee.
    function leafOf(Guarantee calldata g) public pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(g))));
    }

    /// @dev Says whether a signature of a digest is somebody's.
    function _signed(bytes32 digest, bytes calldata signature, address who) private pure returns (bool) {
        (address signer, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(digest, signature);
        return err == ECDSA.RecoverError.NoError && signer == who;
    }
}
