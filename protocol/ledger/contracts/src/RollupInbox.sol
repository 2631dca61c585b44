// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @title RollupInbox
/// @notice What a rollup has on the layer below: deposits, the batches that its sequencer posts, transactions that the
/// sequencer must not leave out, and withdrawals by a proof against a root that was open to objection for a while.
/// @dev The guardian's objection stands for a fault proof, which this contract does not check. Data are not kept, only
/// their hashes, chained into one accumulator.
contract RollupInbox is ReentrancyGuardTransient {
    /// @notice A transaction that somebody wants in without the sequencer.
    struct Forced {
        bytes32 hash; // of sender, value and data
        uint64 due; // when it has to be in, in seconds of block time
    }

    /// @notice What a batch says of withdrawals.
    struct Exit {
        bytes32 root; // of the tree of withdrawals; zero if there are none, or after an objection
        uint64 opens; // when {withdraw} becomes possible
    }

    /// @notice Who posts batches.
    address public immutable SEQUENCER;

    /// @notice Who may object to a root before it opens.
    address public immutable GUARDIAN;

    /// @notice Seconds that the sequencer may leave a forced transaction out.
    uint64 public immutable FORCE_DELAY;

    /// @notice Seconds between a batch and the withdrawals that it allows.
    uint64 public immutable EXIT_DELAY;

    /// @notice Everything that was posted, in order: the hash of what it was before and of the newest batch.
    bytes32 public accumulator;

    /// @notice How many batches there are.
    uint64 public batches;

    /// @notice How many forced transactions are in a batch.
    uint64 public included;

    /// @notice All forced transactions in order.
    Forced[] public forced;

    /// @notice Withdrawals by batch.
    mapping(uint64 batch => Exit) public exits;

    /// @notice Whether a withdrawal has been paid.
    mapping(bytes32 leaf => bool) public spent;

    /// @notice A batch has been posted.
    /// @param batch Its number.
    /// @param hash Of its data, or of its blobs' hashes.
    /// @param included How many forced transactions are in, all batches together.
    /// @param root Of its withdrawals; zero if there are none.
    event Posted(uint64 indexed batch, bytes32 hash, uint64 included, bytes32 root);

    /// @notice Somebody has forced a transaction, which may carry a deposit.
    /// @param index Its number.
    /// @param sender Who.
    /// @param value The deposit, in wei.
    /// @param data What it says.
    event ForcedIn(uint64 indexed index, address indexed sender, uint256 value, bytes data);

    /// @notice The guardian has struck out a root.
    /// @param batch Of which batch.
    event Objected(uint64 indexed batch);

    /// @notice A withdrawal has been paid.
    /// @param batch By the root of which batch.
    /// @param to To whom.
    /// @param amount How much, in wei.
    event Withdrawn(uint64 indexed batch, address indexed to, uint256 amount);

    /// @notice Only the sequencer, or for an objection the guardian, may do this.
    /// @param caller Who tried.
    error NotAllowed(address caller);

    /// @notice A batch needs data, or blobs.
    error EmptyBatch();

    /// @notice A batch cannot take out forced transactions, nor those that there are not.
    /// @param included What it says.
    error BadCount(uint64 included);

    /// @notice A forced transaction is due and the batch leaves it out.
    /// @param index Its number.
    error Censored(uint64 index);

    /// @notice No forced transaction is due that is not in.
    error NothingDue();

    /// @notice The root has opened, or was struck out, or there was none.
    /// @param batch Of which batch.
    error NoRoot(uint64 batch);

    /// @notice The root is still open to objection.
    /// @param opens Until when, in seconds of block time.
    error TooEarly(uint64 opens);

    /// @notice The withdrawal has been paid before.
    /// @param leaf Its leaf.
    error Spent(bytes32 leaf);

    /// @notice The path does not lead from the withdrawal to the root.
    error BadProof();

    /// @notice Makes an inbox of one rollup.
    /// @param sequencer Who posts batches.
    /// @param guardian Who may object to a root before it opens.
    /// @param forceDelay Seconds that the sequencer may leave a forced transaction out.
    /// @param exitDelay Seconds between a batch and the withdrawals that it allows.
    constructor(address sequencer, address guardian, uint64 forceDelay, uint64 exitDelay) {
        SEQUENCER = sequencer;
        GUARDIAN = guardian;
        FORCE_DELAY = forceDelay;
        EXIT_DELAY = exitDelay;
    }

    /// @notice Puts a transaction of the caller in line, with a deposit if it sends value.
    /// @param data What it says.
    function force(bytes calldata data) external payable {
        forced.push(Forced(keccak256(abi.encode(msg.sender, msg.value, data)), uint64(block.timestamp) + FORCE_DELAY));
        emit ForcedIn(uint64(forced.length - 1), msg.sender, msg.value, data);
    }

    /// @notice Posts a batch as call data.
    /// @param data The batch.
    /// @param upTo How many forced transactions are in, all batches together.
    /// @param root Of its withdrawals; zero if there are none.
    function postData(bytes calldata data, uint64 upTo, bytes32 root) external {
        if (data.length == 0) revert EmptyBatch();
        _post(keccak256(data), upTo, root);
    }

    /// @notice Posts a batch as the blobs of the transaction (EIP-4844), all of them.
    /// @param upTo How many forced transactions are in, all batches together.
    /// @param root Of its withdrawals; zero if there are none.
    function postBlobs(uint64 upTo, bytes32 root) external {
        bytes32 hash = blobhash(0);
        if (hash == 0) revert EmptyBatch();
        for (uint256 i = 1; blobhash(i) != 0; ++i) {
            hash = keccak256(abi.encode(hash, blobhash(i)));
        }
        _post(hash, upTo, root);
    }

    /// @notice Makes a batch of forced transactions that are due and that the sequencer has left out. Anybody may.
    /// @param count How many; one that is not due ends it.
    function include(uint64 count) external {
        uint64 upTo = included;
        bytes32 hash;
        while (count > 0 && upTo < forced.length && forced[upTo].due < block.timestamp) {
            hash = keccak256(abi.encode(hash, forced[upTo].hash));
            ++upTo;
            --count;
        }
        if (upTo == included) revert NothingDue();
        _append(hash, upTo, 0);
    }

    /// @notice Strikes out the root of a batch that has not opened yet.
    /// @param batch Which.
    function objectTo(uint64 batch) external {
        if (msg.sender != GUARDIAN) revert NotAllowed(msg.sender);
        Exit memory e = exits[batch];
        if (e.root == 0 || block.timestamp >= e.opens) revert NoRoot(batch);
        exits[batch].root = 0;
        emit Objected(batch);
    }

    /// @notice Pays a withdrawal once its root has opened, whoever calls.
    /// @param batch The batch whose root has it.
    /// @param to To whom.
    /// @param amount How much, in wei.
    /// @param nonce Tells withdrawals apart.
    /// @param path From its leaf to the root.
    function withdraw(uint64 batch, address to, uint256 amount, uint256 nonce, bytes32[] calldata path)
        external
        nonReentrant
    {
        Exit memory e = exits[batch];
        if (e.root == 0) revert NoRoot(batch);
        if (block.timestamp < e.opens) revert TooEarly(e.opens);
        bytes32 id = leaf(to, amount, nonce);
        if (spent[id]) revert Spent(id);
        if (!MerkleProof.verifyCalldata(path, e.root, id)) revert BadProof();
        spent[id] = true;
        emit Withdrawn(batch, to, amount);
        Address.sendValue(payable(to), amount);
    }

    /// @notice The leaf of a withdrawal: hashed twice, so that none is taken for a node.
    /// @param to To whom.
    /// @param amount How much, in wei.
    /// @param nonce Tells withdrawals apart.
    function leaf(address to, uint256 amount, uint256 nonce) public pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(to, amount, nonce))));
    }

    function _post(bytes32 hash, uint64 upTo, bytes32 root) private {
        if (msg.sender != SEQUENCER) revert NotAllowed(msg.sender);
        if (upTo < included || upTo > forced.length) revert BadCount(upTo);
        if (upTo < forced.length && forced[upTo].due < block.timestamp) revert Censored(upTo);
        _append(hash, upTo, root);
    }

    function _append(bytes32 hash, uint64 upTo, bytes32 root) private {
        uint64 batch = batches++;
        accumulator = keccak256(abi.encode(accumulator, hash, upTo, root));
        included = upTo;
        if (root != 0) exits[batch] = Exit(root, uint64(block.timestamp) + EXIT_DELAY);
        emit Posted(batch, hash, upTo, root);
    }
}
