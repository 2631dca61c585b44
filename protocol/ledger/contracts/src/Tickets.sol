// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Tickets
/// @notice Probabilistic payments. A sender signs lottery tickets off the chain; only those that win come here. A
/// winner is paid from the sender's deposit and, once that is spent, from its reserve, of which each admitted recipient
/// may have an equal part: so a sender that issues too many tickets, or pays its own first, still owes no admitted
/// recipient more than the others can have.
/// @dev Neither side can choose the draw: it is made of the sender's signature, which the recipient does not know when
/// it commits to its secret, and of the secret, which the sender does not know when it signs. Holds at all times:
/// balance >= sum of all deposits + sum of what is left of all reserves.
contract Tickets is EIP712, Ownable2Step, ReentrancyGuardTransient {
    /// @notice One ticket, as the sender signs it (EIP-712).
    struct Ticket {
        address sender; // pays
        address recipient; // is paid if it wins
        uint256 faceValue; // wei that a winner is worth
        uint256 winProb; // it wins if the draw is below; the chance is winProb / 2^256
        uint64 expires; // the last second in which it may be redeemed
        uint64 nonce; // tells tickets of one commitment apart
        bytes32 commitment; // keccak256 of the recipient's secret
    }

    /// @notice What a sender has put in; two storage slots.
    struct Account {
        uint96 deposit; // wei, open to every winner
        uint96 reserve; // wei, put in when the deposit is spent; claimed is part of it
        uint64 unlocksAt; // when {withdraw} becomes possible; zero until the sender asks
        uint96 claimed; // wei that recipients have had of the reserve
        uint64 era; // counts withdrawals: claims of an era before do not count
    }

    /// @notice The type hash of a ticket, EIP-712.
    bytes32 public constant TICKET_TYPEHASH = keccak256(
        "Ticket(address sender,address recipient,uint256 faceValue,uint256 winProb,"
        "uint64 expires,uint64 nonce,bytes32 commitment)"
    );

    /// @notice The most recipients that may be admitted: each may have one part in so many of a reserve.
    uint256 public immutable CLAIMANTS;

    /// @notice Seconds between {unlock} and {withdraw}, in which winners are redeemed.
    uint64 public immutable UNLOCK_DELAY;

    /// @notice What each sender has put in.
    mapping(address sender => Account) public accounts;

    /// @notice Wei that have been paid for a ticket; one that is paid in full is used.
    mapping(bytes32 ticket => uint256) public paid;

    /// @notice Whether a recipient may be paid from reserves.
    mapping(address recipient => bool) public admitted;

    /// @notice How many recipients are admitted.
    uint256 public recipients;

    mapping(bytes32 key => uint256) private _claims;

    /// @notice Somebody has put money in for a sender.
    /// @param sender For whom.
    /// @param deposit How much to the deposit, in wei.
    /// @param reserve How much to the reserve, in wei.
    event Funded(address indexed sender, uint256 deposit, uint256 reserve);

    /// @notice A winning ticket has been paid.
    /// @param ticket Its id, which is the digest that was signed.
    /// @param sender Who paid.
    /// @param recipient Who was paid.
    /// @param fromDeposit How much from the deposit, in wei.
    /// @param fromReserve How much from the reserve, in wei.
    event Redeemed(
        bytes32 indexed ticket, address indexed sender, address indexed recipient, uint256 fromDeposit, uint256 fromReserve
    );

    /// @notice A sender wants its money back.
    /// @param sender Who.
    /// @param unlocksAt When {withdraw} becomes possible, in seconds of block time.
    event Unlocking(address indexed sender, uint64 unlocksAt);

    /// @notice A sender has changed its mind.
    /// @param sender Who.
    event Locked(address indexed sender);

    /// @notice A sender has its money back.
    /// @param sender Who.
    /// @param amount How much, in wei.
    event Withdrawn(address indexed sender, uint256 amount);

    /// @notice A recipient may be paid from reserves, or may no longer.
    /// @param recipient Who.
    /// @param may Whether it may.
    event Admitted(address indexed recipient, bool may);

    /// @notice A contract of tickets needs at least one claimant and an unlock delay.
    error BadTerms();

    /// @notice Funding needs money, and a reserve no larger than it.
    /// @param value The money, in wei.
    /// @param reserve What of it should be reserve, in wei.
    error BadFunding(uint256 value, uint256 reserve);

    /// @notice As many recipients are admitted as may be.
    error Full();

    /// @notice The recipient is admitted already, or is not.
    /// @param recipient Who.
    error NoChange(address recipient);

    /// @notice The ticket's last second is over.
    /// @param expires When it was.
    error Expired(uint64 expires);

    /// @notice The secret is not the one that the recipient committed to.
    error BadSecret();

    /// @notice The signature is malformed, compact (EIP-2098), or not the sender's for this ticket, contract and chain.
    error BadSignature();

    /// @notice The ticket has not won.
    error NotWinning();

    /// @notice The ticket has been paid in full.
    /// @param ticket Its id.
    error Used(bytes32 ticket);

    /// @notice The sender has nothing left for this recipient; the ticket stays good until it expires.
    /// @param sender Who.
    error Broke(address sender);

    /// @notice The sender has not asked for its money, or has asked before.
    error BadUnlock();

    /// @notice The unlock delay is not over, or was never begun (unlocksAt is zero).
    /// @param unlocksAt When {withdraw} becomes possible, in seconds of block time.
    error TooEarly(uint64 unlocksAt);

    /// @notice Makes a contract of tickets; the caller may admit recipients.
    /// @param claimants The most recipients that may be admitted.
    /// @param unlockDelay Seconds between {unlock} and {withdraw}.
    constructor(uint256 claimants, uint64 unlockDelay) EIP712("Kinetoscope Tickets", "1") Ownable(msg.sender) {
        if (claimants == 0 || unlockDelay == 0) revert BadTerms();
        CLAIMANTS = claimants;
        UNLOCK_DELAY = unlockDelay;
    }

    /// @notice Adds to a sender's deposit and reserve. Anybody may; it does not touch an unlock that has begun.
    /// @param sender For whom.
    /// @param reserve How much of the value is for the reserve, in wei.
    function fund(address sender, uint256 reserve) external payable {
        if (msg.value == 0 || reserve > msg.value) revert BadFunding(msg.value, reserve);
        Account storage a = accounts[sender];
        a.deposit += SafeCast.toUint96(msg.value - reserve);
        a.reserve += SafeCast.toUint96(reserve);
        emit Funded(sender, msg.value - reserve, reserve);
    }

    /// @notice Pays a winning ticket to its recipient, whoever calls. What the sender cannot pay now may be redeemed
    /// later, until the ticket expires.
    /// @param t The ticket.
    /// @param signature The sender's signature of {digest}: r, s, v in 65 bytes, with the lower s.
    /// @param secret What the recipient committed to.
    /// @return amount What was paid, in wei.
    function redeem(Ticket calldata t, bytes calldata signature, bytes32 secret)
        external
        nonReentrant
        returns (uint256 amount)
    {
        bytes32 id = digest(t);
        _check(id, t, signature, secret);
        uint256 due = t.faceValue - paid[id];
        if (due == 0) revert Used(id);
        uint256 fromDeposit = Math.min(due, accounts[t.sender].deposit);
        uint256 fromReserve = Math.min(due - fromDeposit, claimable(t.sender, t.recipient));
        amount = fromDeposit + fromReserve;
        if (amount == 0) revert Broke(t.sender);
        paid[id] += amount;
        _spend(t.sender, t.recipient, fromDeposit, fromReserve);
        emit Redeemed(id, t.sender, t.recipient, fromDeposit, fromReserve);
        Address.sendValue(payable(t.recipient), amount);
    }

    /// @notice Starts the unlock delay for the caller's money.
    function unlock() external {
        Account storage a = accounts[msg.sender];
        if (a.unlocksAt != 0) revert BadUnlock();
        a.unlocksAt = uint64(block.timestamp) + UNLOCK_DELAY;
        emit Unlocking(msg.sender, a.unlocksAt);
    }

    /// @notice Takes back the caller's own wish to unlock. Nobody else can.
    function lock() external {
        Account storage a = accounts[msg.sender];
        if (a.unlocksAt == 0) revert BadUnlock();
        a.unlocksAt = 0;
        emit Locked(msg.sender);
    }

    /// @notice Gives the caller back what is left once the unlock delay is over.
    function withdraw() external nonReentrant {
        Account memory a = accounts[msg.sender];
        if (a.unlocksAt == 0 || block.timestamp < a.unlocksAt) revert TooEarly(a.unlocksAt);
        uint256 amount = uint256(a.deposit) + a.reserve - a.claimed;
        accounts[msg.sender] = Account(0, 0, 0, 0, a.era + 1);
        emit Withdrawn(msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @notice Lets a recipient be paid from reserves, or no longer. Whoever may choose recipients could admit one
    /// person many times, so the owner decides.
    /// @param recipient Who.
    /// @param may Whether it may.
    function admit(address recipient, bool may) external onlyOwner {
        if (admitted[recipient] == may) revert NoChange(recipient);
        if (may && recipients == CLAIMANTS) revert Full();
        admitted[recipient] = may;
        recipients = may ? recipients + 1 : recipients - 1;
        emit Admitted(recipient, may);
    }

    /// @notice What a recipient could have of a sender's reserve now, in wei.
    /// @param sender Whose reserve.
    /// @param recipient Who.
    function claimable(address sender, address recipient) public view returns (uint256) {
        Account memory a = accounts[sender];
        if (!admitted[recipient]) return 0;
        uint256 part = uint256(a.reserve) / CLAIMANTS;
        return Math.min(part - _claims[_claim(sender, a.era, recipient)], a.reserve - a.claimed);
    }

    /// @notice What a sender signs, EIP-712; also the id of the ticket.
    /// @param t The ticket.
    function digest(Ticket calldata t) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    TICKET_TYPEHASH, t.sender, t.recipient, t.faceValue, t.winProb, t.expires, t.nonce, t.commitment
                )
            )
        );
    }

    /// @dev Reverts unless the ticket is in time, its sender's, and has won.
    function _check(bytes32 id, Ticket calldata t, bytes calldata signature, bytes32 secret) private view {
        if (block.timestamp > t.expires) revert Expired(t.expires);
        if (keccak256(abi.encode(secret)) != t.commitment) revert BadSecret();
        (address signer, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(id, signature);
        if (err != ECDSA.RecoverError.NoError || signer != t.sender) revert BadSignature();
        if (uint256(keccak256(bytes.concat(signature, secret))) >= t.winProb) revert NotWinning();
    }

    function _spend(address sender, address recipient, uint256 fromDeposit, uint256 fromReserve) private {
        Account storage a = accounts[sender];
        a.deposit -= uint96(fromDeposit);
        if (fromReserve == 0) return;
        a.claimed += uint96(fromReserve);
        _claims[_claim(sender, a.era, recipient)] += fromReserve;
    }

    function _claim(address sender, uint64 era, address recipient) private pure returns (bytes32) {
        return keccak256(abi.encode(sender, era, recipient));
    }
}
