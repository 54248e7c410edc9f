#!/usr/bin/env python3
"""Writes a made-up node anew with 3,000 more processes: ordinary programs with ordinary arguments, all of which mention
a component: the worst for `ps | grep`, whose output is all of them.

    benches/crowded.py NODE CROWDED_NODE
"""
import sys, yaml

node = yaml.safe_load(open(sys.argv[1]))
node["processes"] += [
    {"argv": [f"/usr/local/bin/worker-{number % 40}", "--config=/etc/worker.yaml", f"--shard={number}", "--upstream=kube-apiserver:6443"]}
    for number in range(3000)
]
yaml.safe_dump(node, open(sys.argv[2], "w"))
