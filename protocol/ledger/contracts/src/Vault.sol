// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title Vault
/// @notice Holds one ERC-20 token for whoever pays in it instead of ether, and moves it between accounts.
/// @dev A deposit is worth what arrives, so that a token that keeps a fee cannot make the vault owe more than it has.
/// Holds for every token that does not shrink by itself: token.balanceOf(vault) >= sum of credits.
contract Vault is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice The token.
    IERC20 public immutable TOKEN;

    /// @notice What each account may withdraw or pay, in units of the token.
    mapping(address account => uint256) public credits;

    /// @notice An account has more.
    /// @param account Who.
    /// @param amount How much arrived.
    event Deposited(address indexed account, uint256 amount);

    /// @notice An account has paid another.
    /// @param from Who paid.
    /// @param to Who was paid.
    /// @param amount How much.
    event Paid(address indexed from, address indexed to, uint256 amount);

    /// @notice An account has its tokens back.
    /// @param account Who.
    /// @param amount How much was sent.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice The account has not so much.
    /// @param amount What is asked for.
    /// @param credit What it has.
    error OverCredit(uint256 amount, uint256 credit);

    /// @notice Makes a vault for one token.
    /// @param token The token.
    constructor(IERC20 token) {
        TOKEN = token;
    }

    /// @notice Takes tokens that the caller has approved and credits what arrives.
    /// @param amount How many to send.
    function deposit(uint256 amount) external nonReentrant {
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
        uint256 arrived = TOKEN.balanceOf(address(this)) - before;
        credits[msg.sender] += arrived;
        emit Deposited(msg.sender, arrived);
    }

    /// @notice Moves credit to another account.
    /// @param to Whose.
    /// @param amount How much.
    function pay(address to, uint256 amount) external {
        _take(amount);
        credits[to] += amount;
        emit Paid(msg.sender, to, amount);
    }

    /// @notice Sends tokens back to the caller.
    /// @param amount How many.
    function withdraw(uint256 amount) external nonReentrant {
        _take(amount);
        emit Withdrawn(msg.sender, amount);
        TOKEN.safeTransfer(msg.sender, amount);
    }

    function _take(uint256 amount) private {
        uint256 credit = credits[msg.sender];
        if (amount > credit) revert OverCredit(amount, credit);
        credits[msg.sender] = credit - amount;
    }
}
