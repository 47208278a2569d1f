#!/usr/bin/env python3
"""Holds gc-step against the collector of the Python that runs this.

usage: python3 tests/interop/gc_step.py BUILD/demos/cycle-collector/gc-step

gc-step prints random graphs and what its model of the collector found. The same graphs are built
here of lists, real references between them and from outside, and given to gc.collect(); with
DEBUG_SAVEALL it puts what it finds unreachable into gc.garbage. Compared are the garbage of each
graph and, where this Python's collector leaves them in an order that can be seen, the order of the
survivors. Needs nothing but the standard library. Exit status: 0, or 1 with the first difference.
"""

import gc
import re
import subprocess
import sys

# (nodes, first seed, how many seeds): the seeds 1 to 1000, each once.
SIZES = [(2, 1, 100), (3, 101, 150), (5, 251, 250), (8, 501, 250), (12, 751, 250)]
FIXED = [["graph=docs"], ["graph=chain", "nodes=3"], ["graph=chain", "nodes=12"],
         ["graph=ring", "nodes=5"]]

NUMBER = 1 << 70  # an int of our own
OBJECT = re.compile(r"object (\w+) refcount=(\d+) outside=(\d+) refs:(.*)")


class Graph:
    """One graph as gc-step printed it, and its result."""

    def __init__(self, title):
        self.title = title
        self.objects = []  # (name, refcount, references from outside, names referred to)
        self.garbage = self.survivors = None


def parse(text):
    """The graphs in the output of gc-step."""
    graphs = []
    for line in text.splitlines():
        found = OBJECT.fullmatch(line)
        if line.startswith("graph "):
            graphs.append(Graph(line))
        elif line.startswith("nodes="):
            graphs[-1].title += " " + line
        elif found:
            name, refcount, held, refs = found.groups()
            graphs[-1].objects.append((name, int(refcount), int(held), refs.split()))
        elif line.startswith("garbage:"):
            graphs[-1].garbage = line.split()[1:]
        elif line.startswith("survivors:"):
            graphs[-1].survivors = line.split()[1:]
    return graphs


def order_is_visible():
    """The incremental collector and the one without the GIL keep no such order."""
    incremental = (3, 14, 0) <= sys.version_info[:3] < (3, 14, 5)
    return not incremental and getattr(sys, "_is_gil_enabled", lambda: True)()


def build(graph, outside):
    """Builds the lists; only each other and outside refer to them. Their names by id."""
    made = {name: [] for name, _, _, _ in graph.objects}
    made[""] = []  # to see how many references this function has of each
    targets = dict(made, int=NUMBER, outside=outside)
    for name, _, held, refs in graph.objects:
        # From the last to the first: that is how list_traverse() goes, and so the order of visits
        # is that of gc-step.
        made[name].extend([targets[to] for to in reversed(refs)])
        outside.extend([made[name]] * held)
    for name, refcount, _, _ in graph.objects:
        real = sys.getrefcount(made[name]) - sys.getrefcount(made[""])
        if real != refcount:
            raise SystemExit(f"gc_step: {graph.title}: {name} has refcount {real}, not {refcount}")
    return {id(made[name]): name for name, _, _, _ in graph.objects}


def collect(names, outside):
    """What the collector of this Python finds: names of garbage, names of survivors in order.
    Then frees all of them by reference counting."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    garbage = [names[id(op)] for op in gc.garbage if id(op) in names]
    lists = [op for op in gc.get_objects() if id(op) in names]
    survivors = [names[id(op)] for op in lists if names[id(op)] not in garbage]
    gc.garbage.clear()
    outside.clear()
    for op in lists:
        op.clear()
    return garbage, survivors


def compare(graph, outside, with_order):
    """None, or how gc-step and this Python differ."""
    garbage, survivors = collect(build(graph, outside), outside)
    if sorted(garbage) != sorted(graph.garbage):
        return f"garbage: Python {sorted(garbage)}, gc-step {sorted(graph.garbage)}"
    if with_order and survivors != graph.survivors:
        return f"survivors: Python {survivors}, gc-step {graph.survivors}"
    return None


def run(program, arguments):
    """The graphs of one run. Its verdicts may fail: what Python says decides here."""
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, universal_newlines=True,
                          check=False, timeout=60)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{program} {' '.join(arguments)}: exit status {done.returncode}")
    return parse(done.stdout)


def main():
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: {sys.argv[0]} GC-STEP")
    graphs = []
    for nodes, first, count in SIZES:
        more = run(sys.argv[1], ["graph=random", f"nodes={nodes}", f"seed={first}",
                                 f"seeds={count}"])
        if len(more) != count:
            raise SystemExit(f"gc-step printed {len(more)} graphs instead of {count}")
        graphs += more
    for arguments in FIXED:
        graphs += run(sys.argv[1], arguments)

    with_order = order_is_visible()
    outside = []
    gc.disable()
    gc.collect()
    gc.freeze()  # what exists now, outside too, is no candidate: its references come from outside
    found = 0
    for graph in graphs:
        difference = compare(graph, outside, with_order)
        if difference:
            print(f"gc_step: {graph.title}: {difference}")
            return 1
        found += len(graph.garbage)
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"gc_step: {len(graphs)} graphs, {found} objects of garbage"
          f"{', order of survivors' if with_order else ''}: the same as gc of Python {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
