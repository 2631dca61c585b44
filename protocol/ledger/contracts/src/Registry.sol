// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC2981} from "@openzeppelin/contracts/token/common/ERC2981.sol";

/// @title Registry
/// @notice One token (ERC-721) for each registered asset. It names the asset's owner and, by ERC-2981, the contract
/// that divides its royalties.
/// @dev A content id belongs to whoever registers it first; nothing here proves authorship.
contract Registry is ERC721, ERC2981 {
    /// @notice An asset has been registered.
    /// @param contentId The asset's content id, which is also the token's id.
    /// @param owner Who registered it.
    /// @param split Where its royalties go.
    /// @param royaltyBps The royalty on a resale, in hundredths of a percent of the price.
    event Registered(uint256 indexed contentId, address indexed owner, address indexed split, uint96 royaltyBps);

    /// @notice Somebody has registered this content id before.
    /// @param contentId The id.
    error AlreadyRegistered(uint256 contentId);

    constructor() ERC721("Kinetoscope", "KINE") {}

    /// @notice Registers an asset and gives its token to the caller.
    /// @param contentId The asset's content id.
    /// @param split Where its royalties go; not zero.
    /// @param royaltyBps The royalty on a resale, in hundredths of a percent; at most 10,000.
    function register(uint256 contentId, address split, uint96 royaltyBps) external {
        if (_ownerOf(contentId) != address(0)) revert AlreadyRegistered(contentId);
        _setTokenRoyalty(contentId, split, royaltyBps);
        // _mint rather than _safeMint: the caller asked for the token, so there is nobody to ask and nothing to re-enter.
        _mint(msg.sender, contentId);
        emit Registered(contentId, msg.sender, split, royaltyBps);
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, ERC2981) returns (bool) {
        return super.supportsInterface(interfaceId);
    }
}
