"""Pools of worker processes: places that Ray finds room for, created when an order waits for one."""
