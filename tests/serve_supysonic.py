"""Serves a folder of music with supysonic, in supysonic's own environment: ``python serve_supysonic.py HOME MUSIC``.

Prints the port once it listens. The account is "ada" with the password "sésame & Öl".
"""

import sys
from pathlib import Path

from supysonic.config import DefaultConfig
from supysonic.db import close_connection, init_database, open_connection
from supysonic.managers.folder import FolderManager
from supysonic.managers.user import UserManager
from supysonic.scanner import Scanner
from supysonic.web import create_application
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

home, music = Path(sys.argv[1]), sys.argv[2]


class Config(DefaultConfig):
    BASE = DefaultConfig.BASE | {"database_uri": f"sqlite:///{home / 'supysonic.db'}"}
    WEBAPP = DefaultConfig.WEBAPP | {"cache_dir": str(home / "cache"), "mount_webui": False}


init_database(Config.BASE["database_uri"])
open_connection(reuse=True)
UserManager.add("ada", "sésame & Öl")
FolderManager.add("music", music)
scanner = Scanner()
scanner.queue_folder("music")
scanner.run()
close_connection()

application = create_application(Config())
# Behind a path too, as people put servers behind others.
server = make_server("127.0.0.1", 0, DispatcherMiddleware(application, {"/shared/music": application}), threaded=True)
print(server.port, flush=True)  # noqa: T201
server.serve_forever()
