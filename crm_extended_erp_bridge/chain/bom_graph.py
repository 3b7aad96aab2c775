"""Circles in bills of materials, found without walking in them."""

from collections.abc import Iterable, Mapping

__all__ = ["find_cycle"]


def find_cycle(children: Mapping[int, Iterable[int]], roots: Iterable[int]) -> list[int]:
    """Return the nodes of one circle reachable from `roots`, in walking order; an empty list if there is none.

    Each node is entered once, so the walk ends whatever the data; it keeps its own stack, so depth is no limit.

    Examples
    --------
    >>> find_cycle({1: [2, 3], 2: [4], 3: [4], 4: []}, [1])
    []
    >>> find_cycle({1: [2], 2: [3], 3: [2]}, [1])
    [2, 3]
    """
    finished = set()
    for root in roots:
        path, on_path = [root], {root}
        pending = [iter(children.get(root, ()))]
        while pending:
            child = next(pending[-1], None)
            if child is None:
                pending.pop()
                node = path.pop()
                on_path.discard(node)
                finished.add(node)
            elif child in on_path:
                return path[path.index(child) :]
            elif child not in finished:
                path.append(child)
                on_path.add(child)
                pending.append(iter(children.get(child, ())))
    return []
