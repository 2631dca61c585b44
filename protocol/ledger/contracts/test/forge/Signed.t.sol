// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Channels} from "../../src/Channels.sol";
import {ReservePool} from "../../src/ReservePool.sol";
import {Tickets} from "../../src/Tickets.sol";
import {VirtualChannels} from "../../src/VirtualChannels.sol";
import {Bench} from "./Vm.sol";

/// @notice Everything that is paid against a signature is paid against its signer's, in its one form, on its chain, by its
/// contract, for its id; and whoever locks money has it back when it is time, by its own word alone.
contract SignedTest is Bench {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant PAYER = 7;
    address private immutable _payer = VM.addr(PAYER);
    address private immutable _payee = VM.addr(99);
    uint256 private immutable _chain = block.chainid;

    Channels private _channels = new Channels();
    ReservePool private _pool = new ReservePool();
    Tickets private _tickets = new Tickets(3, 100);
    VirtualChannels private _virtual = new VirtualChannels();

    bytes32 private _channel;
    bytes32 private _other; // another channel of the same two
    bytes32 private _fund;
    bytes32 private _ledger;

    function setUp() external {
        address[] memory to = new address[](1);
        to[0] = _payee;
        VM.deal(_payer, 100 ether);
        VM.prank(_payer);
        _channel = _channels.open{value: 1 ether}(_payee, address(this), 0, 60);
        VM.prank(_payer);
        _other = _channels.open{value: 1 ether}(_payee, address(this), 1, 60);
        VM.prank(_payer);
        _fund = _pool.lock{value: 3 ether}(1 ether, 200, to);
        VM.prank(_payer);
        _ledger = _virtual.open{value: 1 ether}(_payee, VM.addr(50), 0, 60);
        _tickets.fund{value: 2 ether}(_payer, 1 ether);
    }

    // Only the payer's own word counts, and only as it was signed.

    function testFuzzSigner(uint256 key, uint256 amount) external {
        (key, amount) = (between(key, 1, ORDER - 1), between(amount, 1, 1 ether));
        VM.assume(key != PAYER);
        _all(key, amount, false);
        _all(PAYER, amount, true);
    }

    function testFuzzMalleable(uint256 amount) external {
        amount = between(amount, 1, 1 ether);
        bytes32[4] memory digests = _digests(amount);
        for (uint256 i = 0; i < 4; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = VM.sign(PAYER, digests[i]);
            bytes32 high = bytes32(ORDER - uint256(s));
            require(!_pay(i, amount, abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27))), "the other form is taken");
            require(!_pay(i, amount, abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)))), "the compact form is taken");
        }
    }

    function testFuzzAmount(uint256 signed, uint256 amount) external {
        (signed, amount) = (between(signed, 1, 1 ether), between(amount, 1, 1 ether));
        VM.assume(signed != amount);
        bytes32[4] memory digests = _digests(signed);
        for (uint256 i = 0; i < 4; ++i) {
            require(!_pay(i, amount, sign(PAYER, digests[i])), "another amount is paid");
        }
    }

    // A signature is bound to a chain, a contract and an id.

    function testFuzzChain(uint64 chain) external {
        VM.assume(chain != _chain && chain != 0);
        bytes32[4] memory digests = _digests(1);
        bytes32[3] memory ids = _ids();
        VM.chainId(chain);
        bytes32[4] memory there = _digests(1);
        bytes32[3] memory others = _ids();
        for (uint256 i = 0; i < 4; ++i) {
            require(there[i] != digests[i] && (i == 3 || others[i] != ids[i]), "the same on another chain");
            require(!_pay(i, 1, sign(PAYER, digests[i])), "paid on another chain");
        }
    }

    function testContract() external {
        bytes32[4] memory digests = _digests(1);
        bytes32[3] memory ids = _ids();
        (_channels, _pool, _tickets, _virtual) = (new Channels(), new ReservePool(), new Tickets(3, 100), new VirtualChannels());
        bytes32[4] memory there = _digests(1);
        bytes32[3] memory others = _ids();
        for (uint256 i = 0; i < 4; ++i) {
            require(there[i] != digests[i] && (i == 3 || others[i] != ids[i]), "the same in another contract");
        }
    }

    function testFuzzNonce(uint64 nonce) external view {
        VM.assume(nonce != 0);
        require(_channels.channelId(_payer, _payee, nonce) != _channel, "one channel for two nonces");
        require(_pool.poolId(_payer, nonce) != _fund, "one pool for two numbers");
        require(_virtual.ledgerId(_payer, _payee, nonce) != _ledger, "one ledger channel for two nonces");
        (Tickets.Ticket memory t,) = _ticket(1);
        bytes32 before = _tickets.digest(t);
        t.nonce = nonce;
        require(_tickets.digest(t) != before, "one ticket for two nonces");
    }

    function testOtherChannel() external {
        bytes memory signature = sign(PAYER, _channels.digest(_channel, 1));
        (bool ok,) = address(_channels).call(abi.encodeCall(Channels.redeem, (_other, 1, signature)));
        require(!ok, "a voucher of another channel is paid");
    }

    // Who has locked has to wait, and nobody else decides.

    function testFuzzWindow(uint256 wait) external {
        wait = between(wait, 0, 59);
        require(!_as(_payer, address(_channels), abi.encodeCall(Channels.finalize, (_channel))), "nobody has asked");
        require(!_as(_payee, address(_channels), abi.encodeCall(Channels.requestClose, (_channel))), "another asks");
        require(_as(_payer, address(_channels), abi.encodeCall(Channels.requestClose, (_channel))), "the payer may ask");
        later(wait);
        require(!_as(_payer, address(_channels), abi.encodeCall(Channels.finalize, (_channel))), "before the window is over");
        require(!_as(_payer, address(_channels), abi.encodeCall(Channels.requestClose, (_channel))), "the window moves");
        later(60 - wait);
        require(!_as(_payee, address(_channels), abi.encodeCall(Channels.finalize, (_channel))), "another takes it");
        require(_as(_payer, address(_channels), abi.encodeCall(Channels.finalize, (_channel))), "the window is over");
    }

    function testFuzzUnlock(uint160 stranger, uint256 wait) external {
        address who = address(stranger);
        VM.assume(who != _payer && stranger > 1000 && who != address(VM) && who != address(_tickets));
        wait = between(wait, 0, 99);
        require(!_as(_payer, address(_tickets), abi.encodeCall(Tickets.withdraw, ())), "nobody has asked");
        require(_as(_payer, address(_tickets), abi.encodeCall(Tickets.unlock, ())), "the sender may ask");
        (,, uint64 at,,) = _tickets.accounts(_payer);
        later(wait);
        require(!_as(_payer, address(_tickets), abi.encodeCall(Tickets.withdraw, ())), "before the delay is over");
        _as(who, address(_tickets), abi.encodeCall(Tickets.unlock, ()));
        _as(who, address(_tickets), abi.encodeCall(Tickets.lock, ()));
        VM.deal(who, 1);
        VM.prank(who);
        _tickets.fund{value: 1}(_payer, 0);
        (,, uint64 still,,) = _tickets.accounts(_payer);
        require(at == still && at != 0, "a stranger moves an unlock");
        later(100 - wait);
        require(_as(_payer, address(_tickets), abi.encodeCall(Tickets.withdraw, ())), "the delay is over");
    }

    // The four that are signed: a channel's voucher, a pool's, a ledger channel's balance, a ticket.

    function _all(uint256 key, uint256 amount, bool want) private {
        bytes32[4] memory digests = _digests(amount);
        for (uint256 i = 0; i < 4; ++i) {
            require(_pay(i, amount, sign(key, digests[i])) == want, want ? "the payer's word is refused" : "anybody's word is taken");
        }
    }

    function _digests(uint256 amount) private view returns (bytes32[4] memory) {
        (Tickets.Ticket memory t,) = _ticket(amount);
        return [
            _channels.digest(_channel, amount),
            _pool.digest(_fund, _payee, amount),
            _virtual.balanceDigest(_ledger, _balance(amount)),
            _tickets.digest(t)
        ];
    }

    function _ids() private view returns (bytes32[3] memory) {
        return [_channels.channelId(_payer, _payee, 0), _pool.poolId(_payer, 0), _virtual.ledgerId(_payer, _payee, 0)];
    }

    function _pay(uint256 what, uint256 amount, bytes memory signature) private returns (bool ok) {
        uint256 had = _payee.balance;
        (Tickets.Ticket memory t, bytes32 secret) = _ticket(amount);
        if (what == 0) (ok,) = address(_channels).call(abi.encodeCall(Channels.redeem, (_channel, amount, signature)));
        if (what == 1) (ok,) = address(_pool).call(abi.encodeCall(ReservePool.redeem, (_fund, _payee, amount, signature)));
        if (what == 2) ok = _as(VM.addr(50), address(_virtual), abi.encodeCall(VirtualChannels.redeem, (_ledger, _balance(amount), signature)));
        if (what == 3) (ok,) = address(_tickets).call(abi.encodeCall(Tickets.redeem, (t, signature, secret)));
        require(ok == (_payee.balance > had), "refused and paid, or taken and not");
    }

    function _balance(uint256 amount) private pure returns (VirtualChannels.Balance memory) {
        return VirtualChannels.Balance(1, uint96(amount), 0);
    }

    function _ticket(uint256 amount) private view returns (Tickets.Ticket memory, bytes32 secret) {
        secret = "s";
        return (Tickets.Ticket(_payer, _payee, amount, type(uint256).max, type(uint64).max, 0, keccak256(abi.encode(secret))), secret);
    }

    function _as(address who, address to, bytes memory data) private returns (bool ok) {
        VM.prank(who);
        (ok,) = to.call(data);
    }

    receive() external payable {}
}
