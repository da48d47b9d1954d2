# What services start from, to run and to be built: a base image, and the package that Python services
# share. Compiled here, since nothing can be written where it runs.
ARG BASE
FROM ${BASE}
COPY webstack_service /opt/webstack/webstack_service
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /opt/webstack
# An image is one application's own: what pip installs goes beside Debian's packages, /usr/local.
ENV PYTHONPATH=/opt/webstack PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore
