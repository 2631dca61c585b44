// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Hostile
/// @notice An account with bad manners, for tests: it refuses ether, burns gas when paid, or calls back.
contract Hostile {
    /// @notice What it does with ether that it is sent.
    enum Manner {
        Accept,
        Refuse,
        Burn,
        Reenter
    }

    Manner private _manner;
    address private _target;
    bytes private _call;
    uint256 private _times = type(uint256).max;

    /// @notice Sets what {receive} does.
    /// @param manner The manner.
    /// @param target Whom Reenter calls.
    /// @param data What it calls with.
    function behave(Manner manner, address target, bytes calldata data) external {
        (_manner, _target, _call) = (manner, target, data);
    }

    /// @notice Sets how often Reenter calls back; then it accepts.
    /// @param times How often.
    function atMost(uint256 times) external {
        _times = times;
    }

    /// @notice Calls on behalf of this account with the value sent.
    /// @param target Whom.
    /// @param data With what.
    function act(address target, bytes calldata data) external payable {
        _forward(target, msg.value, data);
    }

    receive() external payable {
        if (_manner == Manner.Refuse) revert("no, thank you");
        if (_manner == Manner.Burn) for (uint256 i = 0;; ++i) {}
        if (_manner == Manner.Reenter && _times > 0) {
            --_times;
            _forward(_target, 0, _call);
        }
    }

    function _forward(address target, uint256 value, bytes memory data) private {
        (bool ok, bytes memory reason) = target.call{value: value}(data);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}
