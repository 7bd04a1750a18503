"""A waiter as the reference's: it asks SQLite every 250 ms.   python poller.py DATABASE"""

import sqlite3
import sys
import time

TABLES = """
create table rooms(id text primary key, turn int, owner text, lease text, expires int);
create table members(room text, id text, ordinal int, seen int, pid int, primary key(room, id));
create table events(room text, seq int, turn int, primary key(room, seq));
insert into rooms values ('R', 1, 'ana', 'lease', 5);
insert into members values ('R', 'ana', 0, 5, 1), ('R', 'bo', 1, 5, 1);
insert into events values ('R', 1, 1);
"""
QUESTIONS = (
    "select * from rooms where id = ?",
    "select * from members where room = ? order by ordinal",
    "select max(seq) from events where room = ?",
)


def main() -> None:
    base = sqlite3.connect(sys.argv[1], isolation_level=None)
    base.execute("pragma journal_mode = wal")
    base.executescript(TABLES)
    while True:
        base.execute("begin immediate")
        for question in QUESTIONS:
            base.execute(question, ("R",)).fetchall()
        base.execute("commit")
        time.sleep(0.25)


if __name__ == "__main__":
    main()
