# One image for every program of ours: worker, command line, board, codec server. Built in two stages: what installs
# packages stays in the first one. Tags are exact; add digests where your registry tells them (docs/production.md).
FROM python:3.11.14-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.runtime.lock .
# Nothing is compiled: a package without a wheel is an error, and not a reason for a compiler. docopt is Python alone.
RUN python -m venv --without-pip /opt/tirek \
    && python -m pip --python /opt/tirek/bin/python install \
       --require-hashes --only-binary :all: --no-binary docopt -r requirements.runtime.lock

FROM python:3.11.14-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/opt/tirek/bin:$PATH \
    TIREK_DATA=/data TIREK_HEALTH_HOST=0.0.0.0 TIREK_HEALTH_PORT=9464
RUN python -m pip uninstall --yes --quiet --root-user-action ignore pip setuptools wheel \
    && useradd --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --uid 10001 tirek \
    && install -d -o tirek -g tirek -m 0700 /data
COPY --from=packages /opt/tirek /opt/tirek
# What comes in is listed in .dockerignore.
COPY . /tirek
WORKDIR /tirek
# Nothing is written at run time, so what Python would keep for the next start is made here.
RUN python -m compileall -q /tirek
USER 10001:10001
VOLUME /data
# No init process before it: `worker.py --processes` watches its own processes, and SIGTERM is its sign to stop.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"TIREK_HEALTH_PORT\"]}/live', timeout=4)"]
ENTRYPOINT ["python"]
CMD ["worker.py", "--processes", "2"]
