"""The hash tree of RFC 6962, and the proofs of RFC 9162: few stored hashes in, few hashes out. Pure.

A tree is kept as the hashes of its complete subtrees, each at a `Node`; every root and proof is put together from
about as many of them as the tree has levels.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

HASH_BYTES = 32
#: RFC 6962, section 2.1: the hash of an empty list.
EMPTY_ROOT = hashlib.sha256().digest()


class Node(NamedTuple):
    """A complete subtree: that of this number, from 0, among those that have 2**level leaves."""

    level: int
    number: int


Hashes = Mapping[Node, bytes]
#: Leaves from the first up to the second, without it.
_Range = tuple[int, int]


def hash_leaf(content: bytes) -> bytes:
    """The hash of a leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\0" + content).digest()


def hash_pair(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def peaks(size: int) -> list[Node]:
    """The complete subtrees that a tree of `size` leaves is made of, from left to right."""
    return _cover((0, size))


def grown(size: int, hashes: Hashes, leaves: Sequence[bytes]) -> dict[Node, bytes]:
    """Every complete subtree that comes of adding these leaf hashes to a tree whose peaks are in `hashes`."""
    added: dict[Node, bytes] = {}
    # Where the last peaks are complete together, they are one: a binary counter's carry.
    standing = [hashes[one] for one in peaks(size)]
    for position, leaf in enumerate(leaves, start=size):
        node, found = Node(0, position), leaf
        added[node] = found
        while node.number & 1:
            found = hash_pair(standing.pop(), found)
            node = Node(node.level + 1, node.number >> 1)
            added[node] = found
        standing.append(found)
    return added


def root(size: int, hashes: Hashes) -> bytes:
    """The tree's root, of its peaks."""
    return _hash((0, size), hashes) if size else EMPTY_ROOT


def inclusion_nodes(position: int, size: int) -> list[Node]:
    """The subtrees that `prove_inclusion` needs."""
    return _covers(_inclusion(position, size))


def prove_inclusion(position: int, size: int, hashes: Hashes) -> list[bytes]:
    """That the leaf at `position` is in the tree of `size` leaves (RFC 9162, section 2.1.3.1)."""
    return [_hash(one, hashes) for one in _inclusion(position, size)]


def consistency_nodes(first: int, second: int) -> list[Node]:
    """The subtrees that `prove_consistency` needs."""
    return _covers(_consistency(first, second))


def prove_consistency(first: int, second: int, hashes: Hashes) -> list[bytes]:
    """That the tree of `second` leaves begins with that of `first` (RFC 9162, section 2.1.4.1)."""
    return [_hash(one, hashes) for one in _consistency(first, second)]


def verify_inclusion(leaf: bytes, position: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether the proof shows the leaf's hash at `position` of the tree with this root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    index, last, found = position, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            found = hash_pair(one, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = hash_pair(found, one)
        index, last = index >> 1, last >> 1
    return last == 0 and found == expected


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the second tree begins with the first (RFC 9162, section 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first == second or first == 0:
        # Every tree begins with the empty one.
        return not proof and first_root == (second_root if first == second else EMPTY_ROOT)
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    index, last = first - 1, second - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = hash_pair(one, old), hash_pair(one, new)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            new = hash_pair(new, one)
        index, last = index >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _inclusion(position: int, size: int) -> list[_Range]:
    """The ranges whose hashes are the proof, from the leaf upward."""
    if not 0 <= position < size:
        raise ValueError("the leaf is not in the tree")
    found: list[_Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def _consistency(first: int, second: int) -> list[_Range]:
    """The ranges whose hashes are the proof, in its order."""
    if not 0 <= first <= second:
        raise ValueError("the first tree is not the smaller one")
    if first in (0, second):
        return []
    found: list[_Range] = []
    start, end = 0, second
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    # A first tree that is itself complete is known to whoever asks.
    if start:
        found.append((start, end))
    return found[::-1]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _cover(leaves: _Range) -> list[Node]:
    """The complete subtrees of a range that begins where one of its length may, from left to right."""
    start, end = leaves
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(Node(level, start >> level))
        start += 1 << level
    return found


def _covers(ranges: Sequence[_Range]) -> list[Node]:
    return [node for one in ranges for node in _cover(one)]


def _hash(leaves: _Range, hashes: Hashes) -> bytes:
    *left, found = (hashes[one] for one in _cover(leaves))
    for one in reversed(left):
        found = hash_pair(one, found)
    return found
