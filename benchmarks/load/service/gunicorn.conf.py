"""Settings that GUNICORN_CMD_ARGS leaves open; the worker is that of the shared package."""

worker_class = "webstack_service.worker.Worker"
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
