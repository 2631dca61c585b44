// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title FeeToken
/// @notice A token that keeps one percent of every transfer and tells both sides of it, as ERC-777 does, for tests.
contract FeeToken is ERC20 {
    constructor() ERC20("Fee", "FEE") {}

    /// @notice Makes tokens.
    /// @param to For whom.
    /// @param amount How many.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        bool moves = from != address(0) && to != address(0);
        if (moves) _tell(from);
        if (moves) super._update(from, address(0), amount / 100);
        super._update(from, to, moves ? amount - amount / 100 : amount);
        if (moves) _tell(to);
    }

    /// @dev What the other makes of it does not matter.
    function _tell(address who) private {
        (bool ok,) = who.call("");
        ok;
    }
}
