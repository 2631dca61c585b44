// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title Licences
/// @notice Plays that are paid on the chain: the money goes straight to the asset's split, and what stays is until when
/// each viewer may watch, for anybody to check.
/// @dev It holds no money.
contract Licences {
    /// @notice What a licence of an asset costs and how long it lasts.
    struct Terms {
        uint96 price; // wei
        uint64 period; // seconds
    }

    /// @notice The most viewers of one {buy}; it bounds its gas.
    uint256 public constant MAX_VIEWERS = 256;

    /// @notice The titles of the assets and their splits.
    address public immutable REGISTRY;

    /// @notice What a licence costs; a period of zero means that none is sold.
    mapping(uint256 contentId => Terms) public terms;

    /// @notice The second in which a viewer's licence ends; zero if it never had one, or it was taken back.
    mapping(uint256 contentId => mapping(address viewer => uint64)) public endsAt;

    /// @notice An owner has set what a licence costs.
    /// @param contentId The asset.
    /// @param price Wei for one.
    /// @param period Seconds that it lasts.
    event TermsSet(uint256 indexed contentId, uint96 price, uint64 period);

    /// @notice A viewer has a licence.
    /// @param contentId The asset.
    /// @param viewer Who.
    /// @param endsAt The second in which it ends.
    event Bought(uint256 indexed contentId, address indexed viewer, uint64 endsAt);

    /// @notice An owner has taken a licence back.
    /// @param contentId The asset.
    /// @param viewer Whose it was.
    event Revoked(uint256 indexed contentId, address indexed viewer);

    /// @notice Only the owner of the asset's title may do this.
    /// @param caller Who tried.
    error NotOwner(address caller);

    /// @notice The owner sells no licences of this asset.
    /// @param contentId The asset.
    error NotForSale(uint256 contentId);

    /// @notice The value sent must be what the licences cost. A price that was changed meanwhile is caught here.
    /// @param value What was sent, in wei.
    /// @param cost What they cost, in wei.
    error WrongPrice(uint256 value, uint256 cost);

    /// @notice There must be 1 to 256 viewers.
    /// @param viewers The number given.
    error BadLength(uint256 viewers);

    /// @notice Makes a shop for the assets of a registry.
    /// @param registry The titles of the assets.
    constructor(address registry) {
        REGISTRY = registry;
    }

    /// @notice Sets what a licence costs from now on.
    /// @param contentId The asset.
    /// @param price Wei for one.
    /// @param period Seconds that it lasts; zero to sell none.
    function setTerms(uint256 contentId, uint96 price, uint64 period) external {
        if (IERC721(REGISTRY).ownerOf(contentId) != msg.sender) revert NotOwner(msg.sender);
        terms[contentId] = Terms(price, period);
        emit TermsSet(contentId, price, period);
    }

    /// @notice Buys a licence for each viewer. One that has not ended yet is prolonged.
    /// @param contentId The asset.
    /// @param viewers For whom.
    function buy(uint256 contentId, address[] calldata viewers) external payable {
        Terms memory t = terms[contentId];
        if (t.period == 0) revert NotForSale(contentId);
        if (viewers.length == 0 || viewers.length > MAX_VIEWERS) revert BadLength(viewers.length);
        uint256 cost = uint256(t.price) * viewers.length;
        if (msg.value != cost) revert WrongPrice(msg.value, cost);
        for (uint256 i = 0; i < viewers.length; ++i) {
            uint64 from = endsAt[contentId][viewers[i]];
            if (from < block.timestamp) from = uint64(block.timestamp);
            endsAt[contentId][viewers[i]] = from + t.period;
            emit Bought(contentId, viewers[i], from + t.period);
        }
        (address split,) = IERC2981(REGISTRY).royaltyInfo(contentId, 0);
        Address.sendValue(payable(split), cost);
    }

    /// @notice Takes a viewer's licence back: it has none from this block on. What it has cost is not paid back.
    /// @param contentId The asset.
    /// @param viewer Whose.
    function revoke(uint256 contentId, address viewer) external {
        if (IERC721(REGISTRY).ownerOf(contentId) != msg.sender) revert NotOwner(msg.sender);
        delete endsAt[contentId][viewer];
        emit Revoked(contentId, viewer);
    }

    /// @notice Whether a viewer may watch now.
    /// @param contentId The asset.
    /// @param viewer Who.
    function valid(uint256 contentId, address viewer) external view returns (bool) {
        return block.timestamp < endsAt[contentId][viewer];
    }
}
