// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title Split
/// @notice Divides what it receives among payees, to the wei. Receiving is cheap, {settle} turns what has come in
/// into credits, and {withdraw} pays one payee, so that a payee that cannot be paid keeps nobody else waiting.
/// The owner may change the shares of what comes in later; an owner that renounces fixes them for ever. A payee may be
/// another split.
/// @dev Holds at all times: sum of all credits == credited <= balance.
contract Split is Ownable2Step, ReentrancyGuardTransient {
    /// @notice What the contract knows of one payee; share is zero for everybody else.
    struct Account {
        uint16 share; // hundredths of a percent
        uint240 credit; // wei that the payee may withdraw
    }

    /// @notice What the shares of all payees add up to.
    uint256 public constant WHOLE = 10_000;

    /// @notice The most payees that a split may have; it bounds the gas of {settle}.
    uint256 public constant MAX_PAYEES = 16;

    /// @notice The sum of all credits, in wei.
    uint256 public credited;

    /// @notice Share and credit of a payee.
    mapping(address payee => Account) public accounts;

    address[] private _payees;

    /// @notice Payees and shares have been set.
    /// @param payees Who is paid.
    /// @param shares Their shares in hundredths of a percent.
    event SharesSet(address[] payees, uint16[] shares);

    /// @notice What had come in has been divided among the payees.
    /// @param amount How much, in wei.
    event Settled(uint256 amount);

    /// @notice A payee has been paid its credit.
    /// @param payee Who.
    /// @param amount How much, in wei.
    event Withdrawn(address indexed payee, uint256 amount);

    /// @notice There must be 1 to 16 payees, and as many shares.
    /// @param payees The number of payees given.
    /// @param shares The number of shares given.
    error BadLength(uint256 payees, uint256 shares);

    /// @notice The shares must add up to 10,000.
    /// @param sum What they add up to.
    error BadSum(uint256 sum);

    /// @notice A payee must not be the zero address.
    error ZeroPayee();

    /// @notice A payee must have a share.
    /// @param payee Who has none.
    error ZeroShare(address payee);

    /// @notice A payee must be named once.
    /// @param payee Who is named twice.
    error DuplicatePayee(address payee);

    /// @notice There is no credit to withdraw, or the address is not a payee's.
    /// @param payee The address.
    error NothingDue(address payee);

    /// @notice Makes a split that the caller owns.
    /// @param payees_ Who is paid; the order decides who gets the odd wei on a tie.
    /// @param shares_ Their shares in hundredths of a percent.
    constructor(address[] memory payees_, uint16[] memory shares_) Ownable(msg.sender) {
        _setShares(payees_, shares_);
    }

    /// @notice Takes any amount. Nothing is written, so that whoever pays here pays little gas.
    receive() external payable {}

    /// @notice Divides what has come in since the last time among the payees' credits. Anybody may call it; with
    /// nothing to divide it does nothing.
    /// @return amount What was divided, in wei.
    /// @dev It calls nobody, and while {withdraw} does, credits and balance already agree: it needs no guard.
    function settle() public returns (uint256 amount) {
        amount = unsettled();
        if (amount == 0) return 0;
        uint256[] memory parts = divide(amount);
        for (uint256 i = 0; i < parts.length; ++i) {
            // All ether there is fits in 240 bits many times over.
            accounts[_payees[i]].credit += uint240(parts[i]);
        }
        credited += amount;
        emit Settled(amount);
    }

    /// @notice Divides what has come in by the old shares and sets new ones. Credits stay with those who have them.
    /// @param payees_ Who is paid from now on.
    /// @param shares_ Their shares in hundredths of a percent.
    function setShares(address[] calldata payees_, uint16[] calldata shares_) external onlyOwner {
        settle();
        for (uint256 i = 0; i < _payees.length; ++i) {
            accounts[_payees[i]].share = 0;
        }
        _setShares(payees_, shares_);
    }

    /// @notice Pays a payee its credit. Anybody may call it; the money goes to the payee.
    /// @param payee Who is paid.
    /// @return amount What was paid, in wei.
    function withdraw(address payee) external nonReentrant returns (uint256 amount) {
        amount = accounts[payee].credit;
        if (amount == 0) revert NothingDue(payee);
        accounts[payee].credit = 0;
        credited -= amount;
        emit Withdrawn(payee, amount);
        Address.sendValue(payable(payee), amount);
    }

    /// @notice How {settle} would divide an amount: by the largest remainder. Everybody gets the whole wei of its
    /// share; the wei left over go one each to the largest fractions, on a tie to the payee named first.
    /// @param amount What to divide, in wei.
    /// @return parts What each payee gets, in the order of {payees}; they add up to amount.
    function divide(uint256 amount) public view returns (uint256[] memory parts) {
        uint256 n = _payees.length;
        parts = new uint256[](n);
        uint256[] memory rests = new uint256[](n);
        uint256 left = amount;
        for (uint256 i = 0; i < n; ++i) {
            uint256 product = amount * accounts[_payees[i]].share;
            parts[i] = product / WHOLE;
            rests[i] = product % WHOLE;
            left -= parts[i];
        }
        // The rests add up to left * WHOLE and each is below WHOLE: more than left of them are above zero, so that a
        // rest set to zero is never chosen again.
        for (; left > 0; --left) {
            uint256 most = 0;
            for (uint256 i = 1; i < n; ++i) {
                if (rests[i] > rests[most]) most = i;
            }
            ++parts[most];
            rests[most] = 0;
        }
    }

    /// @notice What has come in and is not divided yet, in wei.
    function unsettled() public view returns (uint256) {
        return address(this).balance - credited;
    }

    /// @notice Who is paid, in the order given at construction.
    function payees() external view returns (address[] memory) {
        return _payees;
    }

    /// @dev No payee has a share when it is called.
    function _setShares(address[] memory payees_, uint16[] memory shares_) private {
        if (payees_.length == 0 || payees_.length > MAX_PAYEES || payees_.length != shares_.length) {
            revert BadLength(payees_.length, shares_.length);
        }
        uint256 sum;
        for (uint256 i = 0; i < payees_.length; ++i) {
            address payee = payees_[i];
            if (payee == address(0)) revert ZeroPayee();
            if (shares_[i] == 0) revert ZeroShare(payee);
            if (accounts[payee].share != 0) revert DuplicatePayee(payee);
            accounts[payee].share = shares_[i];
            sum += shares_[i];
        }
        if (sum != WHOLE) revert BadSum(sum);
        _payees = payees_;
        emit SharesSet(payees_, shares_);
    }
}
