"""The hash tree against the published vectors of RFC 6962's reference implementation, and against its definition."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transparency import tree
from shared.transparency.tree import Node

#: Inputs, roots and proofs of the reference implementation (certificate-transparency, later transparency-dev/merkle).
INPUTS = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_A, _B, _C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
_D, _E = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
)
_F, _G = (
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
)
#: (position, size): the published way from the leaf to the root
INCLUSION = {
    (0, 1): [], (0, 8): [_A, _B, _C], (5, 8): [_D, _E, ROOTS[4]], (2, 3): [ROOTS[2]], (1, 5): [ROOTS[1], _B, _D],
}  # fmt: skip
#: (first, second): the published proof
CONSISTENCY = {
    (1, 1): [], (1, 8): [_A, _B, _C], (6, 8): [_F, _E, ROOTS[4]], (2, 5): [_B, _D], (6, 7): [_F, _G, ROOTS[4]],
}  # fmt: skip


def texts(proof: Sequence[bytes]) -> list[str]:
    return [one.hex() for one in proof]


def kept(leaves: Sequence[bytes], *, step: int = 1) -> dict[Node, bytes]:
    """What a log keeps of these leaf hashes, added so many at a time."""
    hashes: dict[Node, bytes] = {}
    for start in range(0, len(leaves), step):
        hashes |= tree.grown(start, hashes, leaves[start : start + step])
    return hashes


REFERENCE = kept([tree.hash_leaf(one) for one in INPUTS])


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size: int) -> None:
    assert tree.root(size, REFERENCE).hex() == ROOTS[size]


@pytest.mark.parametrize(("where", "proof"), INCLUSION.items())
def test_the_published_inclusion_proofs(where: tuple[int, int], proof: list[str]) -> None:
    position, size = where
    assert texts(tree.prove_inclusion(position, size, REFERENCE)) == proof
    leaf = tree.hash_leaf(INPUTS[position])
    hashes = [bytes.fromhex(one) for one in proof]
    assert tree.verify_inclusion(leaf, position, size, hashes, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("sizes", "proof"), CONSISTENCY.items())
def test_the_published_consistency_proofs(sizes: tuple[int, int], proof: list[str]) -> None:
    first, second = sizes
    assert texts(tree.prove_consistency(first, second, REFERENCE)) == proof
    roots = [bytes.fromhex(ROOTS[one]) for one in sizes]
    assert tree.verify_consistency(first, second, roots[0], roots[1], [bytes.fromhex(one) for one in proof])


# RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1, as they are written.
def naive_root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: Sequence[bytes], is_whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if is_whole else [naive_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], is_whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def leaves_of(size: int) -> list[bytes]:
    return [tree.hash_leaf(number.to_bytes(4)) for number in range(size)]


SIZES = st.integers(1, 200)


@given(SIZES, st.integers(1, 40))
def test_a_tree_grown_in_any_steps_has_the_root_of_its_definition(size: int, step: int) -> None:
    leaves = leaves_of(size)
    hashes = kept(leaves, step=step)
    assert tree.root(size, hashes) == naive_root(leaves)
    assert hashes == kept(leaves, step=size)


@given(SIZES, st.data())
def test_an_inclusion_proof_is_the_defined_one_and_reads_few_hashes(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    wanted, hashes = tree.inclusion_nodes(position, size), kept(leaves, step=size)
    assert len(wanted) <= 2 * size.bit_length()
    proof = tree.prove_inclusion(position, size, {one: hashes[one] for one in wanted})
    assert proof == naive_path(position, leaves)
    assert tree.verify_inclusion(leaves[position], position, size, proof, naive_root(leaves))


@given(SIZES, st.data())
def test_a_consistency_proof_is_the_defined_one_and_reads_few_hashes(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    leaves = leaves_of(second)
    wanted, hashes = tree.consistency_nodes(first, second), kept(leaves, step=second)
    assert len(wanted) <= 2 * second.bit_length()
    proof = tree.prove_consistency(first, second, {one: hashes[one] for one in wanted})
    assert proof == naive_subproof(first, leaves, True)
    assert tree.verify_consistency(first, second, naive_root(leaves[:first]), naive_root(leaves), proof)


@given(st.integers(2, 70), st.data())
def test_what_was_changed_proves_nothing(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    whole, hashes = naive_root(leaves), kept(leaves, step=size)
    proof = tree.prove_inclusion(position, size, hashes)
    for other in (-1, *range(size), size, size + 1):
        accepted = tree.verify_inclusion(leaves[position], other, size, proof, whole)
        assert accepted == (other == position), other
    for wrong in changed(proof):
        assert not tree.verify_inclusion(leaves[position], position, size, wrong, whole)
    first = data.draw(st.integers(1, size - 1))
    begun, proof = naive_root(leaves[:first]), tree.prove_consistency(first, size, hashes)
    for wrong in changed(proof):
        assert not tree.verify_consistency(first, size, begun, whole, wrong)
    rewritten = naive_root([tree.hash_leaf(b"another"), *leaves[1:]])
    assert not tree.verify_consistency(first, size, begun, rewritten, proof)
    assert not tree.verify_consistency(first, size, whole, begun, proof)
    assert not tree.verify_consistency(size, first, whole, begun, proof)


def changed(proof: list[bytes]) -> list[list[bytes]]:
    """Proofs with one hash too many, too few, or another."""
    found = [[*proof, bytes(32)], [bytes(32), *proof]]
    for number, one in enumerate(proof):
        found.append(proof[:number] + proof[number + 1 :])
        found.append([*proof[:number], bytes([one[0] ^ 4]) + one[1:], *proof[number + 1 :]])
    return found


def test_every_tree_begins_with_the_empty_one_and_with_itself() -> None:
    whole = bytes.fromhex(ROOTS[7])
    assert tree.prove_consistency(0, 7, {}) == tree.prove_consistency(7, 7, {}) == []
    assert tree.verify_consistency(0, 7, tree.EMPTY_ROOT, whole, [])
    assert not tree.verify_consistency(0, 7, whole, whole, [])
    assert tree.verify_consistency(7, 7, whole, whole, [])
    assert not tree.verify_consistency(7, 7, whole, bytes(32), [])


@pytest.mark.parametrize(("position", "size"), [(0, 0), (8, 8), (-1, 8)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(position: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in the tree"):
        tree.prove_inclusion(position, size, REFERENCE)


def test_a_proof_in_a_log_of_a_billion_reads_few_hashes() -> None:
    size = 10**9 + 12_345
    assert len(tree.inclusion_nodes(size // 3, size)) < 60
    assert len(tree.consistency_nodes(size // 7, size)) < 60
    assert len(tree.peaks(size)) < 31
