// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC2981} from "@openzeppelin/contracts/token/common/ERC2981.sol";

/// @title Registry
/// @notice One token (ERC-721) for each registered asset: its title. It names the asset's owner and, by ERC-2981, the
/// contract that divides its royalties. A title changes hands in two steps, so that a slip of an address loses nothing.
/// @dev A content id belongs to whoever registers it first; nothing here proves authorship.
contract Registry is ERC721, ERC2981 {
    /// @notice To whom a title is offered; zero if to nobody.
    mapping(uint256 contentId => address) public offeredTo;

    /// @notice An asset has been registered.
    /// @param contentId The asset's content id, which is also the token's id.
    /// @param owner Who registered it.
    /// @param split Where its royalties go.
    /// @param royaltyBps The royalty on a resale, in hundredths of a percent of the price.
    event Registered(uint256 indexed contentId, address indexed owner, address indexed split, uint96 royaltyBps);

    /// @notice A title is offered, or, to the zero address, no longer.
    /// @param contentId The asset.
    /// @param owner Who offers it.
    /// @param to To whom.
    event Offered(uint256 indexed contentId, address indexed owner, address indexed to);

    /// @notice The royalties of an asset go elsewhere.
    /// @param contentId The asset.
    /// @param split Where they go from now on.
    /// @param royaltyBps The royalty on a resale, in hundredths of a percent of the price.
    event RoyaltySet(uint256 indexed contentId, address indexed split, uint96 royaltyBps);

    /// @notice Somebody has registered this content id before.
    /// @param contentId The id.
    error AlreadyRegistered(uint256 contentId);

    /// @notice Only the title's owner may do this.
    /// @param caller Who tried.
    error NotOwner(address caller);

    /// @notice The title is not offered to the caller.
    /// @param caller Who tried.
    error NotOffered(address caller);

    /// @notice A title cannot be sent: its owner offers it and the next owner accepts it.
    error OfferInstead();

    constructor() ERC721("Kinetoscope", "KINE") {}

    /// @notice Registers an asset and gives its title to the caller.
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

    /// @notice Offers a title. A new offer replaces the one before; the zero address takes it back.
    /// @param contentId The asset.
    /// @param to Who may {accept} it.
    function offer(uint256 contentId, address to) external {
        if (_ownerOf(contentId) != msg.sender) revert NotOwner(msg.sender);
        offeredTo[contentId] = to;
        emit Offered(contentId, msg.sender, to);
    }

    /// @notice Takes a title that is offered to the caller.
    /// @param contentId The asset.
    function accept(uint256 contentId) external {
        if (offeredTo[contentId] != msg.sender) revert NotOffered(msg.sender);
        delete offeredTo[contentId];
        _transfer(_ownerOf(contentId), msg.sender, contentId);
    }

    /// @notice Sends the royalties of an asset elsewhere.
    /// @param contentId The asset.
    /// @param split Where to; not zero.
    /// @param royaltyBps The royalty on a resale, in hundredths of a percent; at most 10,000.
    function setRoyalty(uint256 contentId, address split, uint96 royaltyBps) external {
        if (_ownerOf(contentId) != msg.sender) revert NotOwner(msg.sender);
        _setTokenRoyalty(contentId, split, royaltyBps);
        emit RoyaltySet(contentId, split, royaltyBps);
    }

    /// @notice Refuses: see {offer}. {safeTransferFrom} comes here too.
    function transferFrom(address, address, uint256) public pure override {
        revert OfferInstead();
    }

    /// @notice Refuses: nobody but the owner can offer a title.
    function approve(address, uint256) public pure override {
        revert OfferInstead();
    }

    /// @notice Refuses: nobody but the owner can offer a title.
    function setApprovalForAll(address, bool) public pure override {
        revert OfferInstead();
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, ERC2981) returns (bool) {
        return super.supportsInterface(interfaceId);
    }
}
