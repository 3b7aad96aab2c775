"""Low-level codes: on which level of the bills of materials each product is planned."""

from collections.abc import Iterable, Mapping

__all__ = ["find_circles", "low_level_codes"]


def find_circles(children: Mapping[int, Iterable[int]]) -> list[list[int]]:
    """Return the groups of nodes that contain each other, each sorted, ordered by their smallest node.

    The strongly connected components of more than one node, and the nodes that contain themselves (Tarjan 1972,
    with a stack of its own: depth is no limit, and each node is entered once).

    Examples
    --------
    >>> find_circles({1: [2], 2: [3], 3: [2, 4]})
    [[2, 3]]
    >>> find_circles({1: [1], 2: [1]})
    [[1]]
    """
    return sorted(
        sorted(group)
        for group in _strong_components(children)
        if len(group) > 1 or group[0] in set(children.get(group[0], ()))
    )


def low_level_codes(children: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """Return the level of every node of `children`: 0 for what nothing contains, else one below its lowest parent.

    Nodes of one circle share a level, below everything that contains one of them.

    Parameters
    ----------
    children : {product: products it is made of}

    Examples
    --------
    A lamp of a module and a screw, the module of the same screw:

    >>> low_level_codes({1: [2, 3], 2: [3]})
    {1: 0, 2: 1, 3: 2}
    """
    components = _strong_components(children)
    component_of = {node: index for index, group in enumerate(components) for node in group}
    levels = [0] * len(components)
    # Tarjan ends a component after everything below it, so from the last to the first parents come before children.
    for index in range(len(components) - 1, -1, -1):
        for node in components[index]:
            for child in children.get(node, ()):
                below = component_of[child]
                if below != index:
                    levels[below] = max(levels[below], levels[index] + 1)
    return {node: levels[component_of[node]] for node in sorted(component_of)}


def _strong_components(children: Mapping[int, Iterable[int]]) -> list[list[int]]:
    """Return the strongly connected components, children before their parents."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    components = []
    for root in children:
        if root in order:
            continue
        path = [(root, iter(children.get(root, ())))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while path:
            node, pending = path[-1]
            child = next(pending, None)
            if child is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    components.append(_take_component(stack, on_stack, node))
            elif child not in order:
                order[child] = low[child] = len(order)
                stack.append(child)
                on_stack.add(child)
                path.append((child, iter(children.get(child, ()))))
            elif child in on_stack:
                low[node] = min(low[node], order[child])
    return components


def _take_component(stack, on_stack, root):
    group = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        group.append(node)
        if node == root:
            return group
