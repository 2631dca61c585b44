// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Split} from "../../src/Split.sol";
import {Bench} from "./Vm.sol";

/// @notice Pays a split, settles it, pays it out and changes its shares, at random.
contract SplitActor is Bench {
    Split public split;
    uint256 public paidIn;
    uint256 public paidOut;

    constructor() {
        (address[] memory payees, uint16[] memory shares) = draw(0);
        split = new Split(payees, shares);
    }

    function payee(uint256 i) public pure returns (address) {
        return VM.addr(1 + i % 6);
    }

    /// @notice One to five payees; each of the odd cuts leaves the rest to the last.
    function draw(uint256 seed) public pure returns (address[] memory payees, uint16[] memory shares) {
        seed %= 1000;
        uint256 n = 1 + seed % 5;
        payees = new address[](n);
        shares = new uint16[](n);
        uint256 left = 10_000;
        for (uint256 i = 0; i < n; ++i) {
            payees[i] = payee(seed + i);
            uint256 cut = i == n - 1 ? left : 1 + uint256(keccak256(abi.encode(seed, i))) % (left - (n - 1 - i));
            shares[i] = uint16(cut);
            left -= cut;
        }
    }

    function pay(uint96 amount) external {
        VM.deal(address(this), amount);
        (bool ok,) = address(split).call{value: amount}("");
        require(ok);
        paidIn += amount;
    }

    function settle() external {
        split.settle();
    }

    function withdraw(uint256 i) external {
        (, uint240 credit) = split.accounts(payee(i));
        if (credit > 0) paidOut += split.withdraw(payee(i));
    }

    function change(uint256 seed) external {
        (address[] memory payees, uint16[] memory shares) = draw(seed);
        split.setShares(payees, shares);
    }
}

contract SplitTest is Bench {
    SplitActor private _actor;

    function setUp() external {
        _actor = new SplitActor();
    }

    function targetContracts() external view returns (address[] memory all) {
        all = new address[](1);
        all[0] = address(_actor);
    }

    function invariantNothingIsLost() external view {
        Split split = _actor.split();
        uint256 credits;
        for (uint256 i = 0; i < 6; ++i) {
            (, uint240 credit) = split.accounts(_actor.payee(i));
            credits += credit;
        }
        require(credits == split.credited(), "credits do not add up");
        require(address(split).balance >= credits, "owes more than it holds");
        require(address(split).balance == _actor.paidIn() - _actor.paidOut(), "in is not out and held");
    }

    function testFuzzDivision(uint256 seed, uint128 amount) external {
        (address[] memory payees, uint16[] memory shares) = _actor.draw(seed);
        uint256[] memory parts = new Split(payees, shares).divide(amount);
        uint256 sum;
        for (uint256 i = 0; i < parts.length; ++i) {
            sum += parts[i];
            uint256 exact = uint256(amount) * shares[i]; // in ten-thousandths of a wei
            require(parts[i] * 10_000 < exact + 10_000 && exact < parts[i] * 10_000 + 10_000, "off by a wei or more");
        }
        require(sum == amount, "parts do not add up");
    }
}
