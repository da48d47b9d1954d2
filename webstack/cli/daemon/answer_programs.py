"""Has programs for containers that ask services questions, without importing anything for it.

``ask`` gives the answer to one question. All of them are read from the first argument, as JSON, and
their answers are printed as JSON.
"""

from __future__ import annotations

from typing import Final

ON_SOCKETS: Final = """
import os, sys
there = (f"{folder}/webstack-probe" for folder in os.environ["PATH"].split(":"))
questions, sys.argv[0] = sys.argv[1], next(filter(os.path.exists, there))
probe = {"__name__": "probe"}
exec(open(sys.argv[0]).read(), probe)
def ask(path, page, host, seconds, scheme):
    return probe["asked"](path, probe["question"](page, host, scheme), float(seconds))
"""
THROUGH_NGINX: Final = """
import contextlib, socket, sys
questions = sys.argv[1]
def encrypted(connection, host):
    import ssl
    # It never leaves this machine, and its certificate is looked at elsewhere.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=host)
def ask(port, page, host, seconds, scheme):
    try:
        with contextlib.ExitStack() as open_ones:
            nginx = socket.create_connection(("127.0.0.1", int(port)), float(seconds))
            open_ones.callback(nginx.close)
            if scheme == "https":
                nginx = open_ones.enter_context(encrypted(nginx, host))
            nginx.sendall(f"GET {page} HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n".encode())
            line = nginx.makefile("rb").readline(200).decode(errors="replace")
        return {"line": line, "status": int(line.split()[1])}
    except (OSError, LookupError, ValueError) as error:
        return {"problem": str(error)}
"""
ALL: Final = """
import json, threading
questions = json.loads(questions)
answers = [None] * len(questions)
def work(first):
    for number in range(first, len(questions), 8):
        answers[number] = ask(*questions[number])
workers = [threading.Thread(target=work, args=(first,)) for first in range(8)]
for worker in workers[:len(questions)]: worker.start()
for worker in workers[:len(questions)]: worker.join()
print(json.dumps(answers))
"""
