// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Channels
/// @notice Payment channels in one direction. A payer locks a deposit and then signs vouchers off the chain, each for
/// all that it has paid so far; the collector hands in the newest one, the payee gets what it says and the payer the
/// rest. A payer whose collector does nothing gets what is left back after a challenge period.
/// @dev Payers are externally owned accounts or contracts that can sign as one: ERC-1271 is not consulted. Holds at
/// all times: balance >= sum of what is left of the deposits of open channels + sum of refunds.
contract Channels is EIP712, ReentrancyGuardTransient {
    /// @notice Where a channel stands. Closed is for ever: an id is never used twice, so old vouchers stay dead.
    enum State {
        None,
        Open,
        Closed
    }

    /// @notice One channel; three storage slots, of which the third outlives the closing.
    struct Channel {
        address payer; // signs the vouchers, gets the rest
        uint96 deposit; // wei locked in all
        address payee; // gets what the voucher says
        uint32 challengePeriod; // seconds between requestClose and finalize
        uint64 closesAt; // when finalize becomes possible; zero until the payer asks
        address collector; // may close on the payee's behalf
        State state;
        uint88 paid; // wei that the payee has had of the deposit
    }

    /// @notice The type hash of a voucher, EIP-712.
    bytes32 public constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 channel,uint256 amount)");

    /// @notice The gas that a payer that is a contract gets to accept its refund.
    uint256 public constant REFUND_GAS = 30_000;

    /// @notice The channels by id.
    mapping(bytes32 id => Channel) public channels;

    /// @notice Refunds in wei that could not be delivered and wait for {takeRefund}.
    mapping(address payer => uint256) public refunds;

    /// @notice A payer has opened a channel.
    /// @param id The channel.
    /// @param payer Who pays.
    /// @param payee Who is paid.
    /// @param collector Who may close besides the payee.
    /// @param deposit What is locked, in wei.
    /// @param challengePeriod Seconds between {requestClose} and {finalize}.
    event Opened(
        bytes32 indexed id,
        address indexed payer,
        address indexed payee,
        address collector,
        uint256 deposit,
        uint32 challengePeriod
    );

    /// @notice A payer has added to its deposit.
    /// @param id The channel.
    /// @param deposit What is locked now in all, in wei.
    event ToppedUp(bytes32 indexed id, uint256 deposit);

    /// @notice A voucher has been paid; the channel is still open.
    /// @param id The channel.
    /// @param amount What the payee has had in all, in wei.
    event Redeemed(bytes32 indexed id, uint256 amount);

    /// @notice A channel is closed for ever.
    /// @param id The channel.
    /// @param amount What the payee got in all, in wei.
    /// @param refund What the payer got or may take, in wei.
    event Closed(bytes32 indexed id, uint256 amount, uint256 refund);

    /// @notice A payer wants its deposit back.
    /// @param id The channel.
    /// @param closesAt When {finalize} becomes possible, in seconds of block time.
    event CloseRequested(bytes32 indexed id, uint64 closesAt);

    /// @notice A payer did not accept its refund; it may take it with {takeRefund}.
    /// @param payer Who.
    /// @param amount How much, in wei.
    event RefundParked(address indexed payer, uint256 amount);

    /// @notice Payee and collector must not be the zero address.
    error ZeroAddress();

    /// @notice A channel needs a deposit.
    error NoDeposit();

    /// @notice A channel needs a challenge period, or the payer could take everything back at once.
    error NoChallengePeriod();

    /// @notice This payer has used this nonce with this payee before.
    /// @param id The channel.
    error ChannelExists(bytes32 id);

    /// @notice The channel was never opened, or is closed.
    /// @param id The channel.
    error NotOpen(bytes32 id);

    /// @notice Only the channel's collector or payee may do this.
    /// @param caller Who tried.
    error NotCollector(address caller);

    /// @notice Only the channel's payer may do this.
    /// @param caller Who tried.
    error NotPayer(address caller);

    /// @notice The voucher is for more than is locked.
    /// @param amount What the voucher says, in wei.
    /// @param deposit What is locked, in wei.
    error OverDeposit(uint256 amount, uint256 deposit);

    /// @notice The payee has had as much already.
    /// @param amount What the voucher says, in wei.
    /// @param paid What the payee has had, in wei.
    error Stale(uint256 amount, uint256 paid);

    /// @notice The signature is malformed, or not the payer's for this channel, amount, contract and chain.
    error BadVoucher();

    /// @notice The payer has asked before; asking again does not move the time.
    /// @param closesAt When {finalize} becomes possible, in seconds of block time.
    error AlreadyRequested(uint64 closesAt);

    /// @notice The challenge period is not over, or was never begun (closesAt is zero).
    /// @param closesAt When {finalize} becomes possible, in seconds of block time.
    error TooEarly(uint64 closesAt);

    /// @notice No refund waits for the caller.
    /// @param payer The caller.
    error NothingDue(address payer);

    constructor() EIP712("Kinetoscope Channels", "1") {}

    /// @notice Opens a channel from the caller and locks the value sent.
    /// @param payee Who is paid.
    /// @param collector Who may close besides the payee.
    /// @param nonce Tells channels between the same two apart; each may be used once.
    /// @param challengePeriod Seconds between {requestClose} and {finalize}; not zero.
    /// @return id The channel's id.
    function open(address payee, address collector, uint64 nonce, uint32 challengePeriod)
        external
        payable
        returns (bytes32 id)
    {
        if (payee == address(0) || collector == address(0)) revert ZeroAddress();
        if (msg.value == 0) revert NoDeposit();
        if (challengePeriod == 0) revert NoChallengePeriod();
        id = channelId(msg.sender, payee, nonce);
        if (channels[id].state != State.None) revert ChannelExists(id);
        channels[id] = Channel({
            payer: msg.sender,
            deposit: SafeCast.toUint96(msg.value),
            payee: payee,
            challengePeriod: challengePeriod,
            closesAt: 0,
            collector: collector,
            state: State.Open,
            paid: 0
        });
        emit Opened(id, msg.sender, payee, collector, msg.value, challengePeriod);
    }

    /// @notice Adds the value sent to the caller's deposit.
    /// @param id The channel.
    function topUp(bytes32 id) external payable {
        Channel storage c = channels[id];
        if (c.state != State.Open) revert NotOpen(id);
        if (msg.sender != c.payer) revert NotPayer(msg.sender);
        if (msg.value == 0) revert NoDeposit();
        c.deposit += SafeCast.toUint96(msg.value);
        emit ToppedUp(id, c.deposit);
    }

    /// @notice Pays the payee what a voucher says and it has not had yet, whoever calls; the channel stays open. In the
    /// challenge period this is the challenge: anybody who has the newest voucher can make it for a payee that is away.
    /// @param id The channel.
    /// @param amount What the payer has paid in all, in wei, as the voucher says.
    /// @param signature The payer's signature of {digest}: r, s, v in 65 bytes, with the lower s.
    function redeem(bytes32 id, uint256 amount, bytes calldata signature) external nonReentrant {
        Channel memory c = channels[id];
        _check(id, c, amount, signature);
        if (amount == c.paid) revert Stale(amount, c.paid);
        channels[id].paid = SafeCast.toUint88(amount);
        emit Redeemed(id, amount);
        Address.sendValue(payable(c.payee), amount - c.paid);
    }

    /// @notice Closes a channel with a voucher: what it says goes to the payee, the rest back to the payer. Possible
    /// until the payer has finalized.
    /// @param id The channel.
    /// @param amount What the payer has paid in all, in wei, as the voucher says.
    /// @param signature The payer's signature of {digest}: r, s, v in 65 bytes, with the lower s.
    function close(bytes32 id, uint256 amount, bytes calldata signature) external nonReentrant {
        Channel memory c = channels[id];
        if (c.state == State.Open && msg.sender != c.collector && msg.sender != c.payee) revert NotCollector(msg.sender);
        _check(id, c, amount, signature);
        _close(id, c, amount);
    }

    /// @notice Starts the challenge period, after which the payer may {finalize}. Until it does, the
    /// newest voucher is still worth its amount.
    /// @param id The channel.
    function requestClose(bytes32 id) external {
        Channel storage c = channels[id];
        if (c.state != State.Open) revert NotOpen(id);
        if (msg.sender != c.payer) revert NotPayer(msg.sender);
        if (c.closesAt != 0) revert AlreadyRequested(c.closesAt);
        c.closesAt = uint64(block.timestamp) + c.challengePeriod;
        emit CloseRequested(id, c.closesAt);
    }

    /// @notice Gives the payer back what was not redeemed once the challenge period is over.
    /// @param id The channel.
    function finalize(bytes32 id) external nonReentrant {
        Channel memory c = channels[id];
        if (c.state != State.Open) revert NotOpen(id);
        if (msg.sender != c.payer) revert NotPayer(msg.sender);
        if (c.closesAt == 0 || block.timestamp < c.closesAt) revert TooEarly(c.closesAt);
        _close(id, c, c.paid);
    }

    /// @notice Sends the refunds that wait for the caller.
    /// @param to Where to.
    function takeRefund(address payable to) external nonReentrant {
        uint256 amount = refunds[msg.sender];
        if (amount == 0) revert NothingDue(msg.sender);
        refunds[msg.sender] = 0;
        Address.sendValue(to, amount);
    }

    /// @notice The id of a channel on this chain and in this contract.
    /// @param payer Who pays.
    /// @param payee Who is paid.
    /// @param nonce Tells channels between the same two apart.
    function channelId(address payer, address payee, uint64 nonce) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), payer, payee, nonce));
    }

    /// @notice What a payer signs, EIP-712.
    /// @param id The channel.
    /// @param amount What the payer has paid in all, in wei.
    function digest(bytes32 id, uint256 amount) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, id, amount)));
    }

    /// @dev Reverts unless the channel is open and amount is what its payer signed, within the deposit and not less than
    /// what is paid.
    function _check(bytes32 id, Channel memory c, uint256 amount, bytes calldata signature) private view {
        if (c.state != State.Open) revert NotOpen(id);
        if (amount > c.deposit) revert OverDeposit(amount, c.deposit);
        if (amount < c.paid) revert Stale(amount, c.paid);
        (address signer, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(digest(id, amount), signature);
        if (err != ECDSA.RecoverError.NoError || signer != c.payer) revert BadVoucher();
    }

    /// @dev Marks the channel closed before anything is sent. A payee that does not accept the money makes the closing
    /// fail; a payer that does not is given a refund to take later, so that it cannot keep the payee from its money.
    function _close(bytes32 id, Channel memory c, uint256 amount) private {
        uint256 refund = c.deposit - amount;
        delete channels[id];
        channels[id].state = State.Closed;
        emit Closed(id, amount, refund);
        if (amount > c.paid) Address.sendValue(payable(c.payee), amount - c.paid);
        if (refund > 0) _refund(c.payer, refund);
    }

    /// @dev The gas is bounded: the collector pays for it and the payer chose the code that runs.
    function _refund(address payer, uint256 amount) private {
        (bool ok,) = payer.call{value: amount, gas: REFUND_GAS}("");
        if (ok) return;
        refunds[payer] += amount;
        emit RefundParked(payer, amount);
    }
}
