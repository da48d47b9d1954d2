"""Reads what waits in the queue of a stack, what is worked on, and what has failed: of Celery."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from webstack.cli.daemon.container_json import json_of
from webstack.cli.daemon.containers import Container, StackOnDocker

BROKER = "valkey-broker"
SOCKET = "/run/valkey/valkey.sock"
"""Where each Valkey listens, inside its own container."""
_SCRIPT = r"""
local function each(pattern, most, work)
  local cursor, steps = '0', 0
  repeat
    local found = redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', 500)
    for _, key in ipairs(found[2]) do work(key) end
    cursor, steps = found[1], steps + 1
  until cursor == '0' or steps * 500 >= most
end
local told = {queues = {}, running = redis.call('HLEN', 'unacked'), failed = 0}
each('_kombu.binding.*', 20000, function(key)
  for _, member in ipairs(redis.call('SMEMBERS', key)) do
    local queue = string.match(member, '([^\6\22]+)$')
    if queue and not string.find(queue, 'pidbox') and not string.find(queue, '^celeryev') then
      local waiting = 0
      for _, level in ipairs({'', '\6\0223', '\6\0226', '\6\0229'}) do
        waiting = waiting + redis.call('LLEN', queue .. level)
      end
      told.queues[queue] = waiting
    end
  end
end)
local first = redis.call('ZRANGE', 'unacked_index', 0, 0, 'WITHSCORES')
if first[2] then told.longest = tonumber(redis.call('TIME')[1]) - tonumber(first[2]) end
redis.call('SELECT', 1)
each('celery-task-meta-*', 20000, function(key)
  local result = redis.call('GET', key)
  if result and string.find(result, '"status": "FAILURE"', 1, true) then
    told.failed = told.failed + 1
  end
end)
return cjson.encode(told)
"""
_QUESTION = ("valkey-cli", "-s", SOCKET, "--raw", "eval", _SCRIPT, "0")
"""Celery's own keys: a queue is a list, ``unacked`` has the tasks that workers have taken.

It looks at so many keys at most, since the server does nothing else meanwhile.
"""


class Tasks(msgspec.Struct, frozen=True):
    """Holds how many tasks wait in each queue, are worked on, and have failed within a day.

    ``longest`` is for how many seconds one has been worked on.
    """

    queues: dict[str, int]
    running: int
    failed: int
    longest: float | None = None

    @property
    def sentence(self) -> str:
        """Tell what is worked on and what has failed, in words."""
        since = f", the longest for {self.longest:.0f} s" if self.longest and self.running else ""
        return f"{self.running} tasks are worked on{since}; {self.failed} have failed within a day."


def tasks_of(docker: StackOnDocker, containers: Iterable[Container]) -> Tasks | None:
    """Give the tasks of the stack; None where nothing of Celery is in its queue, or none can say.

    A server that was never used by Celery has no queues.
    """
    for each in containers:
        if each.role == BROKER and each.state == "running":
            found = json_of(docker.api, each.name, _QUESTION, Tasks)
            return found if found and found.queues else None
    return None
