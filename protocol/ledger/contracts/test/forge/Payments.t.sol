// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Channels} from "../../src/Channels.sol";
import {ReservePool} from "../../src/ReservePool.sol";
import {StorageDeals} from "../../src/StorageDeals.sol";
import {Tickets} from "../../src/Tickets.sol";
import {Bench} from "./Vm.sol";

/// @notice Opens, tops up, redeems and closes channels at random; what is refused changes nothing.
contract ChannelsActor is Bench {
    Channels public channels = new Channels();
    uint256 public held;
    uint256 public nonces;
    address private immutable _payee = VM.addr(99);

    function id(uint256 i) public view returns (bytes32) {
        return channels.channelId(VM.addr(1 + i % 3), _payee, uint64(i % 8));
    }

    function open(uint256 i, uint96 deposit) external {
        VM.deal(VM.addr(1 + i % 3), deposit);
        VM.prank(VM.addr(1 + i % 3));
        try channels.open{value: deposit}(_payee, address(this), uint64(i % 8), 60) {
            held += deposit;
        } catch {}
    }

    function redeem(uint256 i, uint96 amount, bool close) external {
        uint256 before = address(channels).balance;
        bytes memory signature = sign(1 + i % 3, channels.digest(id(i), amount));
        (,,,,,, Channels.State was,) = channels.channels(id(i));
        bytes memory data = close
            ? abi.encodeCall(Channels.close, (id(i), amount, signature))
            : abi.encodeCall(Channels.redeem, (id(i), amount, signature));
        (bool ok,) = address(channels).call(data);
        if (!ok) return;
        require(was == Channels.State.Open, "paid from a channel that is not open");
        held -= before - address(channels).balance;
    }

    function leave(uint256 i, bool first) external {
        VM.prank(VM.addr(1 + i % 3));
        uint256 before = address(channels).balance;
        (bool ok,) = address(channels)
            .call(first ? abi.encodeCall(Channels.requestClose, (id(i))) : abi.encodeCall(Channels.finalize, (id(i))));
        if (ok) held -= before - address(channels).balance;
        later(20);
    }
}

/// @notice Funds senders of tickets, redeems winners and takes the rest back, at random.
contract TicketsActor is Bench {
    Tickets public tickets = new Tickets(3, 100);
    uint256 public held;

    constructor() {
        for (uint256 i = 1; i <= 3; ++i) {
            tickets.admit(VM.addr(100 + i), true);
        }
    }

    function fund(uint256 i, uint64 value, uint64 reserve) external {
        VM.deal(address(this), value);
        try tickets.fund{value: value}(VM.addr(1 + i % 3), reserve) {
            held += value;
        } catch {}
    }

    function redeem(uint256 i, uint64 face) external {
        bytes32 secret = bytes32(i);
        Tickets.Ticket memory t = Tickets.Ticket(
            VM.addr(1 + i % 3), VM.addr(101 + i % 5), face, type(uint256).max, type(uint64).max, 0, keccak256(abi.encode(secret))
        );
        uint256 could = tickets.claimable(t.sender, t.recipient);
        (uint96 deposit,,,,) = tickets.accounts(t.sender);
        try tickets.redeem(t, sign(1 + i % 3, tickets.digest(t)), secret) returns (uint256 paid) {
            held -= paid;
            require(paid <= face && paid <= could + deposit, "paid too much");
            require(tickets.paid(tickets.digest(t)) <= face, "paid twice");
        } catch {}
    }

    function leave(uint256 i, uint256 what) external {
        VM.prank(VM.addr(1 + i % 3));
        uint256 before = address(tickets).balance;
        if (what % 3 == 0) try tickets.unlock() {} catch {}
        if (what % 3 == 1) try tickets.withdraw() {} catch {}
        if (what % 3 == 2) try tickets.lock() {} catch {}
        held -= before - address(tickets).balance;
        later(60);
    }
}

/// @notice Locks pools, redeems and releases them at random.
contract PoolActor is Bench {
    ReservePool public pool = new ReservePool();
    uint256 public held;

    function lock(uint256 i, uint64 fund, uint64 more) external {
        address[] memory to = new address[](3);
        (to[0], to[1], to[2]) = (VM.addr(11), VM.addr(12), VM.addr(13));
        uint256 value = 2 * uint256(fund) + more;
        VM.deal(VM.addr(1 + i % 2), value);
        VM.prank(VM.addr(1 + i % 2));
        try pool.lock{value: value}(fund, 200, to) {
            held += value;
        } catch {}
    }

    function redeem(uint256 i, uint64 amount) external {
        bytes32 id = pool.poolId(VM.addr(1 + i % 2), uint64(i / 2 % 4));
        address to = VM.addr(11 + i % 4);
        try pool.redeem(id, to, amount, sign(1 + i % 2, pool.digest(id, to, amount))) {} catch {}
        _count();
        later(10);
    }

    function release(uint256 i) external {
        try pool.release(pool.poolId(VM.addr(1 + i % 2), uint64(i / 2 % 4))) {} catch {}
        _count();
    }

    function _count() private {
        require(address(pool).balance <= held, "money from nowhere");
        held = address(pool).balance;
    }

    /// @notice What all pools still owe.
    function owed() external view returns (uint256 sum) {
        for (uint256 i = 0; i < 2; ++i) {
            for (uint64 n = 0; n < pool.count(VM.addr(1 + i)); ++n) {
                (, uint96 fund, uint96 collateral, uint96 claimed,) = pool.pools(pool.poolId(VM.addr(1 + i), n));
                sum += uint256(fund) + collateral - claimed;
            }
        }
    }
}

contract PaymentsTest is Bench {
    ChannelsActor private _channels;
    TicketsActor private _tickets;
    PoolActor private _pool;

    function setUp() external {
        (_channels, _tickets, _pool) = (new ChannelsActor(), new TicketsActor(), new PoolActor());
    }

    function targetContracts() external view returns (address[] memory all) {
        all = new address[](3);
        (all[0], all[1], all[2]) = (address(_channels), address(_tickets), address(_pool));
    }

    function invariantChannelsHoldWhatIsOpen() external view {
        Channels c = _channels.channels();
        uint256 owed;
        for (uint256 i = 0; i < 24; ++i) {
            (, uint96 deposit,,,,,, uint88 paid) = c.channels(c.channelId(VM.addr(1 + i / 8), VM.addr(99), uint64(i % 8)));
            owed += deposit - paid;
        }
        require(address(c).balance == owed && owed == _channels.held(), "channels");
    }

    function invariantTicketsHoldWhatIsFunded() external view {
        Tickets t = _tickets.tickets();
        uint256 owed;
        for (uint256 i = 1; i <= 3; ++i) {
            (uint96 deposit, uint96 reserve,, uint96 claimed,) = t.accounts(VM.addr(i));
            owed += uint256(deposit) + reserve - claimed;
        }
        require(address(t).balance == owed && owed == _tickets.held(), "tickets");
    }

    function invariantPoolsHoldWhatTheyOwe() external view {
        require(address(_pool.pool()).balance == _pool.owed() && _pool.owed() == _pool.held(), "pools");
    }
}

/// @notice The climb against the definition of RFC 6962, section 2.1, word by word.
contract TreeTest is Bench {
    StorageDeals private _deals = new StorageDeals();
    bytes32[] private _path;

    function root(uint256 from, uint256 to, uint256 index, bool note) private returns (bytes32) {
        if (to - from == 1) return sha256(abi.encodePacked(bytes1(0x00), from));
        uint256 k = 1;
        while (2 * k < to - from) k *= 2;
        bool onLeft = index < from + k;
        bytes32 inner = onLeft ? root(from, from + k, index, note) : root(from + k, to, index, note);
        bytes32 other = onLeft ? root(from + k, to, index, false) : root(from, from + k, index, false);
        if (note) _path.push(other);
        return onLeft
            ? sha256(abi.encodePacked(bytes1(0x01), inner, other))
            : sha256(abi.encodePacked(bytes1(0x01), other, inner));
    }

    function testFuzzClimb(uint256 count, uint256 index) external {
        count = between(count, 1, 40);
        index = between(index, 0, count - 1);
        bytes32 want = root(0, count, index, true);
        require(_deals.rootOf(abi.encodePacked(index), index, count, _path) == want, "another root");
        require(count == 1 || _deals.rootOf(abi.encodePacked(index), (index + 1) % count, count, _path) != want, "another place");
        _path.push(0);
        require(_deals.rootOf(abi.encodePacked(index), index, count, _path) == 0, "a path too long");
    }
}
