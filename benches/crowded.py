#!/usr/bin/env python3
"""Adds 3,000 processes to a synthetic node: ordinary programs whose arguments all mention a component, which is the
worst case for `ps | grep`, since it prints all of them.

    benches/crowded.py NODE CROWDED_NODE
"""
import sys, yaml

node = yaml.safe_load(open(sys.argv[1]))
node["processes"] += [
    {"argv": [f"/usr/local/bin/worker-{number % 40}", "--config=/etc/worker.yaml", f"--shard={number}", "--upstream=kube-apiserver:6443"]}
    for number in range(3000)
]
yaml.safe_dump(node, open(sys.argv[2], "w"))
