// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title ReservePool
/// @notice One fund pays several recipients by vouchers, so that a viewer who is served by many edges locks money once.
/// Nothing off the chain keeps a sender from promising more than the fund, so it puts up a collateral above the fund:
/// vouchers for more than the fund are the proof of overspending, are paid from the collateral, and what is left of
/// that is burnt.
/// @dev Every recipient is named when the pool is locked, so that a sender cannot pay a crowd of its own first, and none
/// can have more than the fund. A recipient is safe whatever the others do if fund + collateral >= fund * recipients;
/// with less, overspending costs the sender more than the fund. What is burnt goes to nobody, or a sender would share
/// in it by an accomplice. Holds at all times: balance >= sum of fund + collateral - claimed of all pools.
contract ReservePool is EIP712, ReentrancyGuardTransient {
    /// @notice One pool; two storage slots, and one for each recipient.
    struct Pool {
        address sender; // signs the vouchers, gets the rest
        uint96 fund; // wei that may be promised in all
        uint96 collateral; // wei behind it
        uint96 claimed; // wei that recipients have had
        uint64 expires; // when {release} becomes possible
    }

    /// @notice What a recipient has had of a pool.
    struct Member {
        bool named;
        uint96 paid; // wei
    }

    /// @notice The type hash of a voucher, EIP-712.
    bytes32 public constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 pool,address recipient,uint256 amount)");

    /// @notice The most recipients of a pool; it bounds the gas of {lock}.
    uint256 public constant MAX_RECIPIENTS = 16;

    /// @notice Where burnt collateral goes: nobody has the key.
    address payable public constant BURNT = payable(address(0xdead));

    /// @notice The pools by id.
    mapping(bytes32 id => Pool) public pools;

    /// @notice The recipients of each pool.
    mapping(bytes32 id => mapping(address recipient => Member)) public members;

    /// @notice How many pools a sender has locked; the next one's number.
    mapping(address sender => uint64) public count;

    /// @notice A sender has locked a pool.
    /// @param id The pool.
    /// @param sender Who.
    /// @param fund Wei that may be promised in all.
    /// @param collateral Wei behind it.
    /// @param expires When {release} becomes possible, in seconds of block time.
    /// @param recipients Who may be paid.
    event PoolLocked(
        bytes32 indexed id, address indexed sender, uint256 fund, uint256 collateral, uint64 expires, address[] recipients
    );

    /// @notice A voucher has been paid.
    /// @param id The pool.
    /// @param recipient Who was paid.
    /// @param amount How much now, in wei.
    event Redeemed(bytes32 indexed id, address indexed recipient, uint256 amount);

    /// @notice The vouchers of a pool make more than its fund: the collateral is lost to its sender.
    /// @param id The pool.
    /// @param claimed What was claimed, in wei.
    event Overspent(bytes32 indexed id, uint256 claimed);

    /// @notice A pool is no more.
    /// @param id The pool.
    /// @param refund What the sender got back, in wei.
    /// @param burnt What was burnt, in wei.
    event Released(bytes32 indexed id, uint256 refund, uint256 burnt);

    /// @notice The collateral, which is what is sent above the fund, must be more than the fund, and that not zero.
    /// @param fund The fund, in wei.
    /// @param value What was sent, in wei.
    error BadCollateral(uint256 fund, uint256 value);

    /// @notice There must be 1 to 16 recipients.
    /// @param recipients The number given.
    error BadLength(uint256 recipients);

    /// @notice A recipient must not be zero nor be named twice.
    /// @param recipient Who.
    error BadRecipient(address recipient);

    /// @notice There is no such pool, or not any more.
    /// @param id The pool.
    error NoPool(bytes32 id);

    /// @notice The recipient is not one of the pool's.
    /// @param recipient Who.
    error NotNamed(address recipient);

    /// @notice The voucher is for more than the whole fund.
    /// @param amount What it says, in wei.
    /// @param fund The fund, in wei.
    error OverFund(uint256 amount, uint256 fund);

    /// @notice The recipient has had as much already.
    /// @param amount What the voucher says, in wei.
    /// @param paid What it has had, in wei.
    error Stale(uint256 amount, uint256 paid);

    /// @notice Fund and collateral are gone.
    /// @param id The pool.
    error Exhausted(bytes32 id);

    /// @notice The signature is malformed, or not the sender's for this pool, recipient, amount, contract and chain.
    error BadVoucher();

    /// @notice The pool has not expired.
    /// @param expires When it does, in seconds of block time.
    error TooEarly(uint64 expires);

    constructor() EIP712("Kinetoscope ReservePool", "1") {}

    /// @notice Locks the value sent: a fund, and the rest as collateral.
    /// @param fund Wei that may be promised to all recipients together.
    /// @param period Seconds until {release}.
    /// @param recipients Who may be paid, each at most the fund.
    /// @return id The pool.
    function lock(uint96 fund, uint32 period, address[] calldata recipients) external payable returns (bytes32 id) {
        if (fund == 0 || msg.value <= 2 * uint256(fund)) revert BadCollateral(fund, msg.value);
        if (recipients.length == 0 || recipients.length > MAX_RECIPIENTS) revert BadLength(recipients.length);
        id = poolId(msg.sender, count[msg.sender]++);
        for (uint256 i = 0; i < recipients.length; ++i) {
            Member storage m = members[id][recipients[i]];
            if (recipients[i] == address(0) || m.named) revert BadRecipient(recipients[i]);
            m.named = true;
        }
        uint96 collateral = SafeCast.toUint96(msg.value - fund);
        uint64 expires = uint64(block.timestamp) + period;
        pools[id] = Pool(msg.sender, fund, collateral, 0, expires);
        emit PoolLocked(id, msg.sender, fund, collateral, expires, recipients);
    }

    /// @notice Pays a recipient what a voucher says and it has not had yet, from the fund and then from the collateral,
    /// whoever calls.
    /// @param id The pool.
    /// @param recipient Who is paid.
    /// @param amount What the sender has promised it in all, in wei.
    /// @param signature The sender's signature of {digest}: r, s, v in 65 bytes, with the lower s.
    function redeem(bytes32 id, address recipient, uint256 amount, bytes calldata signature) external nonReentrant {
        Pool memory p = pools[id];
        Member memory m = members[id][recipient];
        if (p.sender == address(0)) revert NoPool(id);
        if (!m.named) revert NotNamed(recipient);
        if (amount > p.fund) revert OverFund(amount, p.fund);
        if (amount <= m.paid) revert Stale(amount, m.paid);
        (address signer, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(digest(id, recipient, amount), signature);
        if (err != ECDSA.RecoverError.NoError || signer != p.sender) revert BadVoucher();
        uint256 due = Math.min(amount - m.paid, uint256(p.fund) + p.collateral - p.claimed);
        if (due == 0) revert Exhausted(id);

        uint256 claimed = p.claimed + due;
        pools[id].claimed = uint96(claimed);
        members[id][recipient].paid = m.paid + uint96(due);
        emit Redeemed(id, recipient, due);
        if (claimed > p.fund) emit Overspent(id, claimed);
        Address.sendValue(payable(recipient), due);
    }

    /// @notice Ends a pool that has expired. Its sender gets the rest, unless it has overspent: then the rest is burnt.
    /// @param id The pool.
    function release(bytes32 id) external nonReentrant {
        Pool memory p = pools[id];
        if (p.sender == address(0)) revert NoPool(id);
        if (block.timestamp < p.expires) revert TooEarly(p.expires);
        uint256 rest = uint256(p.fund) + p.collateral - p.claimed;
        bool overspent = p.claimed > p.fund;
        delete pools[id];
        emit Released(id, overspent ? 0 : rest, overspent ? rest : 0);
        Address.sendValue(overspent ? BURNT : payable(p.sender), rest);
    }

    /// @notice The id of a pool on this chain and in this contract.
    /// @param sender Who locked it.
    /// @param number How many it had locked before.
    function poolId(address sender, uint64 number) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), sender, number));
    }

    /// @notice What a sender signs, EIP-712.
    /// @param id The pool.
    /// @param recipient Who is promised.
    /// @param amount How much in all, in wei.
    function digest(bytes32 id, address recipient, uint256 amount) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, id, recipient, amount)));
    }
}
