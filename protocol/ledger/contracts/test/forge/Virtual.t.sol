// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VirtualChannels} from "../../src/VirtualChannels.sol";
import {Bench} from "./Vm.sol";

/// @notice Opens, redeems, closes, claims and finalizes ledger channels at random; what is refused changes nothing.
contract VirtualActor is Bench {
    VirtualChannels public channels = new VirtualChannels();
    uint256 public held;
    uint256 private constant AGENT = 50;

    function id(uint256 i) public view returns (bytes32) {
        return channels.ledgerId(VM.addr(1 + i % 3), VM.addr(99), uint64(i / 3 % 3));
    }

    function guarantee(uint256 i) public pure returns (VirtualChannels.Guarantee memory) {
        return VirtualChannels.Guarantee(bytes32(i % 4), VM.addr(60 + i % 4), uint96(100 * (i % 4)), 3, 150);
    }

    function open(uint256 i, uint64 deposit) external {
        VM.deal(VM.addr(1 + i % 3), deposit);
        VM.prank(VM.addr(1 + i % 3));
        try channels.open{value: deposit}(VM.addr(99), VM.addr(AGENT), uint64(i / 3 % 3), 40) {
            held += deposit;
        } catch {}
    }

    function redeem(uint256 i, uint64 version, uint64 amount, bool byPayer) external {
        VirtualChannels.Balance memory b =
            VirtualChannels.Balance(version % 64, amount, i % 5 == 0 ? bytes32(0) : channels.leafOf(guarantee(i)));
        if (byPayer) VM.prank(VM.addr(1 + i % 3));
        _try(
            abi.encodeCall(
                VirtualChannels.redeem, (id(i), b, sign(byPayer ? AGENT : 1 + i % 3, channels.balanceDigest(id(i), b)))
            )
        );
    }

    function claim(uint256 i, uint64 amount) external {
        VirtualChannels.Guarantee memory g = guarantee(i);
        bytes memory signature = sign(60 + i % 4, channels.voucherDigest(g.channel, amount));
        _try(abi.encodeCall(VirtualChannels.claim, (id(i), g, new bytes32[](0), amount, signature)));
    }

    function leave(uint256 i, bool first) external {
        later(20);
        if (first) VM.prank(VM.addr(i % 2 == 0 ? 1 + i % 3 : AGENT));
        _try(first ? abi.encodeCall(VirtualChannels.requestClose, (id(i))) : abi.encodeCall(VirtualChannels.finalize, (id(i))));
    }

    function _try(bytes memory data) private {
        uint256 before = address(channels).balance;
        uint256 earned = VM.addr(99).balance;
        (bool ok,) = address(channels).call(data);
        require(ok || address(channels).balance == before, "refused, and paid");
        require(VM.addr(99).balance - earned <= before, "more than there was");
        held -= before - address(channels).balance;
    }
}

/// @notice A viewer and a payee who plot against the hub between them, which does nothing but what it should.
contract HubTest is Bench {
    uint256 private constant VIEWER = 1;
    uint256 private constant HUB = 2;
    uint256 private constant AGENT = 3;
    uint256 private constant PERIOD = 100;
    VirtualActor private _actor = new VirtualActor();
    VirtualChannels private _c = new VirtualChannels();
    bytes32 private _up; // the viewer pays the hub
    bytes32 private _down; // the hub pays the payee
    VirtualChannels.Guarantee private _in;
    VirtualChannels.Guarantee private _out;
    bool private _settled; // off the chain, in both
    uint256 private _amount; // that it was settled at
    uint256 private _known; // the highest voucher that the hub has seen

    function targetContracts() external view returns (address[] memory all) {
        all = new address[](1);
        all[0] = address(_actor);
    }

    function invariantLedgersHoldWhatIsOpen() external view {
        VirtualChannels c = _actor.channels();
        uint256 owed;
        for (uint256 i = 0; i < 9; ++i) {
            (, uint96 deposit,, uint96 paid,,,,,,) = c.ledgers(c.ledgerId(VM.addr(1 + i % 3), VM.addr(99), uint64(i / 3)));
            owed += deposit - paid;
        }
        require(address(c).balance == owed && owed == _actor.held(), "ledgers");
    }

    /// @notice Whatever the two do in whatever order, the hub ends with its fee or, if nothing was paid, with nothing.
    function testFuzzHubNeverLoses(uint256 settled, uint256[12] calldata moves) external {
        _set();
        _settled = settled % 3 > 0;
        _amount = settled % 500;
        for (uint256 i = 0; i < 45; ++i) {
            _answer();
            if (i == 15) _request(_down, HUB);
            if (i == 15) _request(_up, HUB);
            later(10);
            if (i < moves.length) _plot(moves[i]);
            _strike(settled % 700);
            later(10);
        }
        _c.finalize(_up);
        _c.finalize(_down);
        require(VM.addr(HUB).balance >= 1000, "the hub has lost");
        require(address(_c).balance == 0, "left over");
    }

    function _set() private {
        VM.deal(VM.addr(VIEWER), 1000);
        VM.deal(VM.addr(HUB), 1000);
        VM.prank(VM.addr(VIEWER));
        _up = _c.open{value: 1000}(VM.addr(HUB), VM.addr(HUB), 0, uint32(2 * PERIOD));
        VM.prank(VM.addr(HUB));
        _down = _c.open{value: 1000}(VM.addr(99), VM.addr(AGENT), 0, uint32(PERIOD));
        _in = VirtualChannels.Guarantee("v", VM.addr(VIEWER), 500, 2, 100);
        _out = VirtualChannels.Guarantee("v", VM.addr(VIEWER), 500, 0, 0);
    }

    /// @dev The balance that guarantees, and the one that settles.
    function _balance(bool up, uint64 version) private view returns (VirtualChannels.Balance memory) {
        VirtualChannels.Guarantee memory g = up ? _in : _out;
        return version == 1
            ? VirtualChannels.Balance(1, 0, _c.leafOf(g))
            : VirtualChannels.Balance(2, _amount == 0 ? 0 : _c.worth(g, _amount), 0);
    }

    /// @dev Anything that viewer and payee can sign, show and claim.
    function _plot(uint256 move) private {
        uint256 voucher = move / 16 % 700;
        if (move % 8 == 0) _request(_up, VIEWER);
        if (move % 8 == 1) _request(_down, AGENT);
        if (move % 8 == 2) _show(_up, true, 1, HUB, VIEWER);
        if (move % 8 == 3 && _settled) _show(_up, true, 2, HUB, VIEWER);
        if (move % 8 == 4) _show(_down, false, 1, HUB, AGENT);
        if (move % 8 == 5 && _settled) _show(_down, false, 2, HUB, AGENT);
        if (move % 8 == 6 && _claim(_down, _out, voucher)) _known = voucher;
    }

    /// @dev Claims a voucher that the hub has never seen, in the last seconds in which that is possible.
    function _strike(uint256 voucher) private {
        (,,,,,, uint64 closes,,,) = _c.ledgers(_down);
        bool last = closes != 0 && block.timestamp + 10 >= closes + PERIOD;
        if (last && _claim(_down, _out, voucher)) _known = voucher;
    }

    /// @dev What a hub does: it shows the newest balance, closes what pays it once what it pays by closes, and claims what
    /// was claimed of it.
    function _answer() private {
        (,,,,,, uint64 downCloses,,,) = _c.ledgers(_down);
        (,,,,,, uint64 upCloses,,,) = _c.ledgers(_up);
        if (downCloses == 0 && upCloses != 0) _request(_down, HUB);
        if (downCloses != 0 && upCloses == 0) _request(_up, HUB);
        uint64 version = _settled ? 2 : 1;
        _show(_up, true, version, VIEWER, HUB);
        _show(_down, false, version, AGENT, HUB);
        if (_known > 0) _claim(_up, _in, _known);
    }

    function _request(bytes32 id, uint256 by) private {
        VM.prank(VM.addr(by));
        try _c.requestClose(id) {} catch {}
    }

    function _show(bytes32 id, bool up, uint64 version, uint256 signer, uint256 by) private {
        VirtualChannels.Balance memory b = _balance(up, version);
        bytes memory signature = sign(signer, _c.balanceDigest(id, b));
        VM.prank(VM.addr(by));
        try _c.redeem(id, b, signature) {} catch {}
    }

    function _claim(bytes32 id, VirtualChannels.Guarantee memory g, uint256 voucher) private returns (bool) {
        bytes memory signature = sign(VIEWER, _c.voucherDigest("v", voucher));
        try _c.claim(id, g, new bytes32[](0), voucher, signature) {
            return true;
        } catch {
            return false;
        }
    }
}
