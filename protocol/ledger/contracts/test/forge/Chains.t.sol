// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HashChain} from "../../src/HashChain.sol";
import {RollupInbox} from "../../src/RollupInbox.sol";
import {Bench} from "./Vm.sol";

/// @notice Opens hash chains of eight words, redeems and closes them at random, with words that may be wrong.
contract WordsActor is Bench {
    HashChain public chains = new HashChain();
    uint256 public held;
    uint256 public paid;
    address private immutable _payee = VM.addr(99);

    function anchor(uint256 i) public view returns (bytes32) {
        return chains.climb(keccak256(abi.encode(i % 8)), 8);
    }

    function id(uint256 i) public view returns (bytes32) {
        return chains.chainId(VM.addr(1 + i % 3), _payee, anchor(i));
    }

    function open(uint256 i, uint64 price, uint256 value) external {
        value = i % 5 == 0 ? value % 1e20 : uint256(price) * 8;
        VM.deal(VM.addr(1 + i % 3), value);
        VM.prank(VM.addr(1 + i % 3));
        try chains.open{value: value}(_payee, address(this), anchor(i), price, 8, 60) {
            require(value == uint256(price) * 8, "opened for another price");
            held += value;
        } catch {}
    }

    function redeem(uint256 i, uint32 words, uint32 at, bool close) external {
        uint256 before = address(chains).balance;
        uint256 had = _payee.balance;
        (, uint64 price, uint32 left,,,,,, HashChain.State was) = chains.chains(id(i));
        bytes32 word = chains.climb(keccak256(abi.encode(i % 8)), at % 9);
        bytes memory data = close
            ? abi.encodeCall(HashChain.close, (id(i), words % 9, word))
            : abi.encodeCall(HashChain.redeem, (id(i), words % 9, word));
        (bool ok,) = address(chains).call(data);
        if (!ok) return;
        require(was == HashChain.State.Open && words % 9 <= left, "paid for words that are not left");
        require(_payee.balance - had == uint256(price) * (words % 9), "a word has another price");
        paid += _payee.balance - had;
        held -= before - address(chains).balance;
    }

    function leave(uint256 i, bool first) external {
        VM.prank(VM.addr(1 + i % 3));
        uint256 before = address(chains).balance;
        (bool ok,) =
            address(chains).call(first ? abi.encodeCall(HashChain.requestClose, (id(i))) : abi.encodeCall(HashChain.finalize, (id(i))));
        if (ok) held -= before - address(chains).balance;
        later(20);
    }
}

/// @notice Forces transactions in, posts, includes, objects and withdraws at random.
contract InboxActor is Bench {
    RollupInbox public inbox = new RollupInbox(address(this), address(this), 60, 300);
    uint256 public held;
    uint256 public taken;
    mapping(uint256 nonce => uint256) public times;

    function force(uint64 value) external {
        VM.deal(address(this), value);
        inbox.force{value: value}("");
        held += value;
        later(15);
    }

    /// @notice A batch with the withdrawals of two nonces.
    function post(uint256 nonce, uint64 upTo) external {
        upTo = uint64(between(upTo, 0, 20));
        uint64 was = inbox.included();
        bytes32 due = inbox.accumulator();
        try inbox.postData("x", upTo, root(nonce)) {
            require(upTo >= was, "a batch takes out what was in");
            require(inbox.accumulator() != due, "a batch leaves no trace");
        } catch {}
        later(15);
    }

    function include(uint64 count) external {
        try inbox.include(count % 5) {} catch {}
    }

    function object(uint64 batch) external {
        try inbox.objectTo(batch % 8) {} catch {}
    }

    function withdraw(uint64 batch, uint256 nonce, uint256 more) external {
        nonce %= 8;
        bytes32[] memory path = new bytes32[](1);
        path[0] = inbox.leaf(VM.addr(50), amount(nonce ^ 1), nonce ^ 1);
        try inbox.withdraw(batch % 8, VM.addr(50), amount(nonce) + (more % 3 == 0 ? 1 : 0), nonce, path) {
            held -= amount(nonce);
            taken += amount(nonce);
            require(++times[nonce] == 1, "paid twice");
            (bytes32 was, uint64 opens) = inbox.exits(batch % 8);
            require(was == root(nonce) && block.timestamp >= opens, "paid before its root opened");
        } catch {}
        later(100);
    }

    function amount(uint256 nonce) public pure returns (uint256) {
        return 1e9 * (1 + nonce);
    }

    function root(uint256 nonce) public view returns (bytes32) {
        nonce %= 8;
        bytes32 a = inbox.leaf(VM.addr(50), amount(nonce), nonce);
        bytes32 b = inbox.leaf(VM.addr(50), amount(nonce ^ 1), nonce ^ 1);
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}

contract ChainsTest is Bench {
    WordsActor private _words;
    InboxActor private _inbox;

    function setUp() external {
        (_words, _inbox) = (new WordsActor(), new InboxActor());
    }

    function targetContracts() external view returns (address[] memory all) {
        all = new address[](2);
        (all[0], all[1]) = (address(_words), address(_inbox));
    }

    function invariantChainsHoldWhatIsLeft() external view {
        HashChain c = _words.chains();
        uint256 owed;
        for (uint256 i = 0; i < 24; ++i) {
            (, uint64 price, uint32 left,,,,,,) = c.chains(_words.id(i));
            owed += uint256(price) * left;
        }
        require(address(c).balance == owed && owed == _words.held(), "hash chains");
        require(VM.addr(99).balance == _words.paid(), "the payee has what was paid");
    }

    function invariantInboxHoldsWhatCameIn() external view {
        RollupInbox b = _inbox.inbox();
        require(address(b).balance == _inbox.held(), "the inbox");
        require(VM.addr(50).balance == _inbox.taken(), "withdrawals");
        require(b.included() <= 20, "more included than forced");
    }
}
