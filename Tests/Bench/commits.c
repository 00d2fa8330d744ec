/* Durable commits of SQLite with nothing around them: rows as long as the agent's events, in WAL mode with FULL
 * synchronisation, GROUP of them a transaction, for SECONDS.
 *
 *   commits FILE GROUP SECONDS     prints: rows commits seconds */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *db;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void need(int code, int wanted, const char *what) {
    if (code == wanted) return;
    fprintf(stderr, "commits: %s: %s\n", what, sqlite3_errmsg(db));
    exit(2);
}

static void run(const char *sql) { need(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, sql); }

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: commits FILE GROUP SECONDS\n");
        return 2;
    }
    int group = atoi(argv[2]);
    double seconds = atof(argv[3]);
    need(sqlite3_open(argv[1], &db), SQLITE_OK, "open");
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, at INTEGER, data TEXT)");
    sqlite3_stmt *insert, *begin, *commit;
    need(sqlite3_prepare_v2(db, "INSERT INTO event (at, data) VALUES (?, ?)", -1, &insert, NULL), SQLITE_OK, "prepare");
    need(sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL), SQLITE_OK, "prepare");
    need(sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL), SQLITE_OK, "prepare");
    char data[400];
    memset(data, 'x', sizeof data);
    long rows = 0, commits = 0;
    double began = now(), took = 0;
    while ((took = now() - began) < seconds) {
        need(sqlite3_step(begin), SQLITE_DONE, "begin");
        sqlite3_reset(begin);
        for (int i = 0; i < group; i++, rows++) {
            sqlite3_bind_int64(insert, 1, rows);
            sqlite3_bind_text(insert, 2, data, sizeof data, SQLITE_STATIC);
            need(sqlite3_step(insert), SQLITE_DONE, "insert");
            sqlite3_reset(insert);
        }
        need(sqlite3_step(commit), SQLITE_DONE, "commit");
        sqlite3_reset(commit);
        commits++;
    }
    printf("%ld %ld %.6f\n", rows, commits, took);
    return 0;
}
