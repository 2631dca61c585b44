// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The few of forge's instructions that the tests need.
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function prank(address sender) external;
    function deal(address who, uint256 balance) external;
    function warp(uint256 timestamp) external;
    function chainId(uint256 id) external;
    function assume(bool condition) external pure;
}

/// @notice Keys, signatures and chance for tests.
abstract contract Bench {
    Vm internal constant VM = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function between(uint256 x, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + x % (most - least + 1);
    }

    function later(uint256 seconds_) internal {
        VM.warp(block.timestamp + seconds_);
    }
}
