"""What GUNICORN_CMD_ARGS leaves open; the worker is the one of our services."""

worker_class = "worker.Worker"
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
