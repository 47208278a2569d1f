/*
 * oauth-dance: the authorization code grant in real HTTP messages, and five attacks.
 *
 * Browser (with the resource owner), client, authorization server and resource server are
 * functions of one process. Each message is an HTTP/1.1 text that one writes to a socketpair and
 * the other reads and parses; the socketpairs stand for TLS connections, but keep messages whole. A
 * party's tap keeps all that it sent or received, for the verdicts to search. Both servers look at
 * one table of grants: how they agree on a token is outside RFC 6749.
 *
 * Proved whenever the run gets so far:
 *   four-roles      the owner's password passed the browser and the authorization server only
 *   channels        the code passed the browser, the access token did not
 *   bearer-401      without a token 401, a Bearer challenge and no error code; with it 200
 * Proved by an attack, which must be refused: see ATTACKS.
 *
 * Usage: oauth-dance [client=confidential|public] [fault=none|code-replay|...]
 * Links: -lcrypto
 * Source: RFC 6749, 6750, 7636, 9700.
 */
#include "demo.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENT_ID     "photo-printer"
#define CLIENT_BASIC  "Basic cGhvdG8tcHJpbnRlcjpxdWlldC1yaXZlci00Mg==" /* base64 of ID:secret */
#define CALLBACK      "https://client.example/cb" /* the registered redirect URI */
#define CALLBACK_FORM "https%3A%2F%2Fclient.example%2Fcb"
#define AUTH_SERVER   "https://as.example"
#define PASSWORD      "correct-horse"
#define HTML          "Content-Type: text/html\r\n"
#define JSON          "Content-Type: application/json\r\nCache-Control: no-store\r\nPragma: no-cache\r\n"

enum {
    MSG = 2048,  /* a message with its NUL */
    FIELD = 256, /* a header's or parameter's value with its NUL */
    OCTETS = 32, /* of a secret, as of a SHA-256 hash: 256 bits */
    SECRET = 44, /* these in base64url, and the NUL */
    TAP = 32768, /* all messages of one party */
};

enum who { BROWSER, CLIENT, AUTH, RESOURCE, PARTIES };
static const char *const NAMES[PARTIES] = {"browser", "client", "auth", "resource"};

static const char *const CLIENTS[] = {"confidential", "public", NULL};
static const char *const FAULTS[] = {
    "none", "code-replay", "bad-redirect", "no-state", "wrong-verifier", "no-secret", NULL};
static const struct demo_param PARAMS[] = {
    {"client", "can the client keep a secret?", 0, 0, 0, CLIENTS},
    {"fault", "the attack or mistake to try", 0, 0, 0, FAULTS},
    {NULL, NULL, 0, 0, 0, NULL},
};

static int lane[PARTIES];
static int wire[PARTIES][PARTIES]; /* wire[a][b]: a's end of its connection with b */
static char tap[PARTIES][TAP];

/* The one authorization of this run, at the authorization server; "" what is not issued yet. */
static struct {
    char state[FIELD], challenge[FIELD], code[SECRET], token[SECRET];
    bool revoked;
} grant;

/* The login that the client began for this browser. */
static struct {
    char id[SECRET], state[SECRET], verifier[SECRET];
} session;

/* Answers as they arrived, for the verdicts; "" if there was none. */
static char bare_answer[MSG], token_answer[MSG], photos_answer[MSG];
static char replay_answer[MSG], revoked_answer[MSG], last_page[MSG];

static bool fault_is(const char *name)
{
    return strcmp(demo_choice("fault"), name) == 0;
}

static bool confidential(void)
{
    return strcmp(demo_choice("client"), "confidential") == 0;
}

/* ---- text ---- */

/* snprintf that never cuts. */
static __attribute__((format(printf, 3, 4))) void put(char *out, size_t size, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const int n = vsnprintf(out, size, fmt, ap);
    va_end(ap);
    CHECK(n >= 0 && (size_t)n < size);
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* application/x-www-form-urlencoded; false for a bad escape, an escaped NUL, or too long. */
static bool decode(const char *in, size_t len, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char c = in[i] == '+' ? ' ' : in[i];
        if (c == '%') {
            if (len - i < 3 || !isxdigit((unsigned char)in[i + 1]) ||
                !isxdigit((unsigned char)in[i + 2]))
                return false;
            c = (char)strtol((const char[]){in[i + 1], in[i + 2], '\0'}, NULL, 16);
            i += 2;
        }
        if (c == '\0' || n + 1 >= size)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

/* A parameter of a form that ends with the text or at a blank. RFC 6749 3.1: without a value it
 * counts as missing, and it must not be there twice. */
static bool form_value(const char *form, const char *name, char *value, size_t size)
{
    const size_t n = strlen(name);
    bool found = false;

    for (const char *at = form; *at && *at != ' '; at += strcspn(at, "& "), at += *at == '&') {
        if (strncmp(at, name, n) != 0 || at[n] != '=')
            continue;
        if (found || !decode(at + n + 1, strcspn(at + n + 1, "& "), value, size))
            return false;
        found = true;
    }
    return found && value[0] != '\0';
}

static bool form_is(const char *form, const char *name, const char *expected)
{
    char value[FIELD];

    return form_value(form, name, value, sizeof(value)) && strcmp(value, expected) == 0;
}

/* ---- secrets ---- */

static void base64url(const unsigned char octets[OCTETS], char out[SECRET])
{
    unsigned char padded[SECRET + 1];

    CHECK(EVP_EncodeBlock(padded, octets, OCTETS) == SECRET); /* 43 characters and a '=' */
    for (int i = 0; i < SECRET - 1; i++)
        out[i] = padded[i] == '+' ? '-' : padded[i] == '/' ? '_' : (char)padded[i];
    out[SECRET - 1] = '\0';
}

static void new_secret(char out[SECRET])
{
    unsigned char octets[OCTETS];

    CHECK(getrandom(octets, sizeof(octets), 0) == OCTETS);
    base64url(octets, out);
}

/* RFC 7636 4.2: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))). */
static void s256(const char *verifier, char challenge[SECRET])
{
    unsigned char hash[SHA256_DIGEST_LENGTH];

    CHECK(SHA256((const unsigned char *)verifier, strlen(verifier), hash) != NULL);
    base64url(hash, challenge);
}

/* Takes as long for a near miss as for any other of this length. */
static bool same_secret(const char *a, const char *b)
{
    return a[0] && strlen(a) == strlen(b) && CRYPTO_memcmp(a, b, strlen(a)) == 0;
}

/* ---- HTTP ---- */

static bool header(const char *message, const char *name, char *value, size_t size)
{
    const size_t n = strlen(name);

    value[0] = '\0';
    for (const char *at = strstr(message, "\r\n"); at && !starts(at, "\r\n\r\n");
         at = strstr(at + 2, "\r\n")) {
        if (strncasecmp(at + 2, name, n) != 0 || at[2 + n] != ':')
            continue;
        at += 2 + n + 1;
        at += strspn(at, " \t");
        put(value, size, "%.*s", (int)strcspn(at, "\r\n"), at);
        return true;
    }
    return false;
}

static const char *body(const char *message)
{
    const char *end = strstr(message, "\r\n\r\n");

    return end ? end + 4 : "";
}

static const char *query(const char *request)
{
    const char *mark = request + strcspn(request, "?\r");

    return *mark == '?' ? mark + 1 : "";
}

static int status(const char *response)
{
    return starts(response, "HTTP/1.1 ") ? atoi(response + strlen("HTTP/1.1 ")) : 0;
}

/* One message: written at one end, read at the other. */
static void carry(enum who from, enum who to, const char *name, const char *message,
                  char arrived[MSG])
{
    static int messages[2];
    const bool front = from == BROWSER || to == BROWSER;
    char shown[MSG]; /* the lines without the CR that HTTP ends them with */
    size_t n = 0;

    for (const char *at = message; *at; at++)
        if (*at != '\r')
            shown[n++] = *at;
    shown[n] = '\0';
    const int arrow = demo_send_text(lane[from], name, "%s", shown);
    CHECK(send(wire[from][to], message, strlen(message), 0) == (ssize_t)strlen(message));
    const long got = CHECK_SYS(recv(wire[to][from], arrived, MSG - 1, 0)); /* one whole message */
    arrived[got] = '\0';
    demo_recv(lane[to], name, arrow);
    put(tap[from] + strlen(tap[from]), TAP - strlen(tap[from]), "%s\n", message);
    put(tap[to] + strlen(tap[to]), TAP - strlen(tap[to]), "%s\n", arrived);
    demo_count(front ? "front-channel" : "back-channel", ++messages[front]);
    demo_say("%-8s > %-8s %.*s", NAMES[from], NAMES[to], (int)strcspn(arrived, "?\r"), arrived);
}

static void respond(char answer[MSG], const char *status_line, const char *headers,
                    const char *content)
{
    put(answer, MSG, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status_line, headers,
        strlen(content), content);
}

static void post(char request[MSG], const char *path, const char *headers, const char *form)
{
    put(request, MSG,
        "POST %s HTTP/1.1\r\nHost: as.example\r\n%s"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
        path, headers, strlen(form), form);
}

/* A server writes its answer to a request and returns what the answer is called in the trace. */
typedef const char *serve_fn(const char *request, char *answer);
static serve_fn serve_client, serve_auth, serve_resource;

static void exchange(enum who from, enum who to, const char *name, const char *request,
                     char answer[MSG])
{
    static serve_fn *const serve[PARTIES] = {
        [CLIENT] = serve_client, [AUTH] = serve_auth, [RESOURCE] = serve_resource};
    char arrived[MSG], reply[MSG];

    demo_begin(lane[from], DEMO_BLOCK, "waits");
    carry(from, to, name, request, arrived);
    demo_begin(lane[to], DEMO_RUN, "serves");
    const char *const reply_name = serve[to](arrived, reply);
    demo_end(lane[to]);
    carry(to, from, reply_name, reply, answer);
    demo_end(lane[from]);
}

/* Says no, and why; returns the name of the answer. */
static const char *refuse(enum who who, char answer[MSG], const char *status_line,
                          const char *headers, const char *content, const char *why)
{
    static char name[sizeof("refused-400")];

    demo_note(lane[who], "refused", "%s", why);
    respond(answer, status_line, headers, content);
    put(name, sizeof(name), "refused-%.3s", status_line);
    return name;
}

/* ---- the resource server ---- */

static const char *serve_resource(const char *request, char answer[MSG])
{
    char sent[FIELD], expected[FIELD];

    if (!header(request, "Authorization", sent, sizeof(sent))) {
        demo_note(lane[RESOURCE], "no-token", "a challenge, and no error code");
        respond(answer, "401 Unauthorized", "WWW-Authenticate: Bearer realm=\"photos\"\r\n", "");
        return "challenge-401";
    }
    put(expected, sizeof(expected), "Bearer %s", grant.token);
    if (!grant.token[0] || grant.revoked || !same_secret(sent, expected))
        return refuse(RESOURCE, answer, "401 Unauthorized",
                      "WWW-Authenticate: Bearer realm=\"photos\", error=\"invalid_token\"\r\n", "",
                      "this token is not valid");
    demo_note(lane[RESOURCE], "token-valid", "whoever holds it may read the photos");
    respond(answer, "200 OK", JSON, "{\"photos\":[\"cat.jpg\",\"sea.jpg\"]}");
    return "photos-200";
}

/* ---- the authorization server ---- */

/* GET /authorize. Where the redirect URI is not the registered one, octet for octet, the owner
 * gets a page and is not redirected: it could be an attacker's. */
static const char *authorize(const char *form, char answer[MSG])
{
    if (!form_is(form, "client_id", CLIENT_ID) || !form_is(form, "redirect_uri", CALLBACK))
        return refuse(AUTH, answer, "400 Bad Request", HTML,
                      "<p>Broken link: redirect_uri is not registered.</p>",
                      "redirect_uri is not the registered one");
    demo_note(lane[AUTH], "redirect-matched", "%s", CALLBACK);
    /* The client of this run always sends these; state goes back as it came. */
    CHECK(form_is(form, "response_type", "code") && form_is(form, "code_challenge_method", "S256"));
    CHECK(form_value(form, "code_challenge", grant.challenge, sizeof(grant.challenge)));
    CHECK(form_value(form, "state", grant.state, sizeof(grant.state)));
    respond(answer, "200 OK", HTML "X-Frame-Options: DENY\r\n",
            "<form method=post action=/login>Password: <input name=password>"
            "May photo-printer read your photos? <button name=decision>");
    return "login-200";
}

/* POST /login. The owner logged in and allows: a code for this client, redirect URI and challenge.
 * 303 makes the browser forget the form with the password (RFC 9700 4.12). */
static const char *log_in(const char *form, char answer[MSG])
{
    char location[MSG];

    if (!grant.challenge[0] || !form_is(form, "password", PASSWORD) ||
        !form_is(form, "decision", "allow"))
        return refuse(AUTH, answer, "403 Forbidden", "", "", "not logged in, or not allowed");
    new_secret(grant.code);
    demo_note(lane[AUTH], "code-issued", "for one use");
    put(location, sizeof(location), "Location: %s?code=%s&state=%s\r\n", CALLBACK, grant.code,
        grant.state);
    respond(answer, "303 See Other", location, "");
    return "code-303";
}

static bool client_authenticated(const char *request)
{
    char sent[FIELD];

    if (!confidential()) /* nothing to prove it with: it only says who it is */
        return form_is(body(request), "client_id", CLIENT_ID);
    return header(request, "Authorization", sent, sizeof(sent)) && same_secret(sent, CLIENT_BASIC);
}

/* Why this grant is worth no token; NULL if it is. */
static const char *grant_problem(const char *form)
{
    char code[FIELD], verifier[FIELD], challenge[SECRET];

    if (!form_is(form, "grant_type", "authorization_code") ||
        !form_value(form, "code", code, sizeof(code)) || !same_secret(code, grant.code))
        return "unknown code";
    if (grant.token[0]) {
        grant.revoked = true; /* two hold the code, and nobody can tell who is honest */
        return "code used twice; its token is revoked";
    }
    if (!form_is(form, "redirect_uri", CALLBACK))
        return "another redirect_uri";
    if (!form_value(form, "code_verifier", verifier, sizeof(verifier)))
        return "no code_verifier";
    s256(verifier, challenge);
    return same_secret(challenge, grant.challenge) ? NULL : "the verifier's SHA-256 differs";
}

/* POST /token */
static const char *issue_token(const char *request, char answer[MSG])
{
    char content[FIELD];

    if (!client_authenticated(request))
        return refuse(AUTH, answer, "401 Unauthorized",
                      "WWW-Authenticate: Basic realm=\"token\"\r\n" JSON,
                      "{\"error\":\"invalid_client\"}", "client not authenticated");
    const char *const problem = grant_problem(body(request));
    if (problem)
        return refuse(AUTH, answer, "400 Bad Request", JSON, "{\"error\":\"invalid_grant\"}",
                      problem);
    new_secret(grant.token);
    demo_note(lane[AUTH], "token-issued", "code, redirect_uri and verifier match");
    put(content, sizeof(content),
        "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":3600}", grant.token);
    respond(answer, "200 OK", JSON, content);
    return "token-200";
}

static const char *serve_auth(const char *request, char answer[MSG])
{
    if (starts(request, "GET /authorize?"))
        return authorize(query(request), answer);
    if (starts(request, "POST /login "))
        return log_in(body(request), answer);
    CHECK(starts(request, "POST /token "));
    return issue_token(request, answer);
}

/* ---- the client ---- */

static void get_photos(const char *bearer, char answer[MSG])
{
    char request[MSG];

    put(request, sizeof(request), "GET /photos HTTP/1.1\r\nHost: rs.example\r\n%s%s%s\r\n",
        *bearer ? "Authorization: Bearer " : "", bearer, *bearer ? "\r\n" : "");
    exchange(CLIENT, RESOURCE, *bearer ? "get-bearer" : "get-photos", request, answer);
}

/* State and verifier stay here, bound to the browser by its cookie. */
static const char *start_login(char answer[MSG])
{
    char challenge[SECRET], headers[MSG];

    get_photos("", bare_answer);
    new_secret(session.id);
    new_secret(session.state);
    new_secret(session.verifier);
    s256(session.verifier, challenge);
    demo_note(lane[CLIENT], "login-begun", "keeps state and verifier, sends the verifier's hash");
    put(headers, sizeof(headers),
        "Set-Cookie: session=%s; Secure; HttpOnly; SameSite=Lax\r\n"
        "Location: " AUTH_SERVER "/authorize?response_type=code&client_id=" CLIENT_ID
        "&redirect_uri=%s&scope=photos.read&state=%s&code_challenge=%s"
        "&code_challenge_method=S256\r\n",
        session.id, CALLBACK_FORM, session.state, challenge);
    respond(answer, "302 Found", headers, "");
    return "authorize-302";
}

/* The code for a token, with what proves that it is ours to redeem. */
static void redeem(const char *code, char answer[MSG])
{
    const char *const credentials = "Authorization: " CLIENT_BASIC "\r\n";
    char form[MSG], request[MSG], verifier[SECRET];

    put(verifier, sizeof(verifier), "%s", session.verifier);
    if (fault_is("wrong-verifier")) /* the code was injected into another login */
        new_secret(verifier);
    put(form, sizeof(form),
        "grant_type=authorization_code&code=%s&redirect_uri=%s&code_verifier=%s%s", code,
        CALLBACK_FORM, verifier, confidential() ? "" : "&client_id=" CLIENT_ID);
    post(request, "/token", confidential() && !fault_is("no-secret") ? credentials : "", form);
    exchange(CLIENT, AUTH, "post-token", request, answer);
}

/* GET /cb. Is it the answer to the login that this browser began? */
static const char *callback_problem(const char *request, char code[FIELD])
{
    char cookie[FIELD], expected[FIELD];

    put(expected, sizeof(expected), "session=%s", session.id);
    if (!header(request, "Cookie", cookie, sizeof(cookie)) || !same_secret(cookie, expected))
        return "no session";
    if (!form_is(query(request), "state", session.state))
        return "state is not that of this browser's login";
    return form_value(query(request), "code", code, FIELD) ? NULL : "no code";
}

static const char *finish_login(const char *request, char answer[MSG])
{
    static const char before[] = "{\"access_token\":\"";
    char code[FIELD], access_token[SECRET];

    const char *const problem = callback_problem(request, code);
    if (problem)
        return refuse(CLIENT, answer, "403 Forbidden", "", "Login refused.", problem);
    session.state[0] = '\0'; /* for one use */
    demo_note(lane[CLIENT], "state-checked", "state is that of this browser's login");
    redeem(code, token_answer);
    if (status(token_answer) != 200 || !starts(body(token_answer), before))
        return refuse(CLIENT, answer, "502 Bad Gateway", "", "Login failed.", "no token");
    put(access_token, SECRET, "%.*s", SECRET - 1, body(token_answer) + strlen(before));
    get_photos(access_token, photos_answer);
    if (fault_is("code-replay")) {
        demo_note(lane[CLIENT], "replay", "the same token request once more");
        redeem(code, replay_answer);
        get_photos(access_token, revoked_answer);
    }
    respond(answer, "200 OK", HTML, "Printing cat.jpg and sea.jpg.");
    return "page-200";
}

static const char *serve_client(const char *request, char answer[MSG])
{
    if (starts(request, "GET /cb?"))
        return finish_login(request, answer);
    CHECK(starts(request, "GET /print "));
    return start_login(answer);
}

/* ---- the browser and the resource owner ---- */

/* Puts another text at the place of a parameter of the URL: what an attacker did to the link. */
static void tamper(char url[MSG], const char *parameter, const char *instead)
{
    char old[MSG];

    put(old, sizeof(old), "%s", url);
    const char *const at = strstr(old, parameter);
    if (!at)
        return;
    put(url, MSG, "%.*s%s%s", (int)(at - old), old, instead, at + 1 + strcspn(at + 1, "&"));
    demo_note(lane[BROWSER], "tampered", "%s...", parameter);
}

/* Follows redirects, shows the client its cookie; of OAuth it knows nothing. */
static void browse(char url[MSG])
{
    char answer[MSG], request[MSG], cookie[FIELD] = "";

    do {
        const bool auth = starts(url, AUTH_SERVER "/"), callback = starts(url, CALLBACK "?");
        if (auth && fault_is("bad-redirect"))
            tamper(url, "&redirect_uri=",
                   "&redirect_uri=" CALLBACK_FORM "%2F..%2Fgo%3Fto%3Devil.example");
        if (callback && fault_is("no-state"))
            tamper(url, "&state=", "");
        const char *const path = url + strlen("https://") + strcspn(url + strlen("https://"), "/");
        const bool shows = callback && cookie[0];
        put(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s\r\n%s%.*s%s\r\n", path,
            auth ? "as.example" : "client.example", shows ? "Cookie: " : "",
            shows ? (int)strcspn(cookie, ";") : 0, cookie, shows ? "\r\n" : "");
        exchange(BROWSER, auth ? AUTH : CLIENT,
                 auth       ? "get-authorize"
                 : callback ? "get-cb"
                            : "get-print",
                 request, answer);
        if (!auth && !cookie[0])
            header(answer, "Set-Cookie", cookie, sizeof(cookie));
        if (auth && status(answer) == 200) { /* the owner's password: here and nowhere else */
            demo_note(lane[BROWSER], "logs-in", "the owner types the password and allows");
            post(request, "/login", "", "password=" PASSWORD "&decision=allow");
            exchange(BROWSER, AUTH, "post-login", request, answer);
        }
    } while (status(answer) / 100 == 3 && header(answer, "Location", url, MSG));
    put(last_page, MSG, "%s", answer);
}

/* ---- the verdicts ---- */

static const struct {
    const char *fault, *claim;
    const char *answer; /* where the refusal must be */
    int status;
    enum who who;                /* who must not see what is withheld */
    const char *says, *withheld; /* says: in the body of the answer */
    const char *rule;
} ATTACKS[] = {
    {"code-replay", "code-once", replay_answer, 400, BROWSER, "\"invalid_grant\"", "access_token",
     "second use: 400 invalid_grant, and the first token is revoked"},
    {"bad-redirect", "redirect-exact", last_page, 400, BROWSER, "redirect_uri",
     "?code=", "an error page, no redirect, no code"},
    {"no-state", "state-csrf", last_page, 403, CLIENT, "refused", "POST /token",
     "the client refuses and does not redeem the code"},
    {"wrong-verifier", "pkce-binds", token_answer, 400, CLIENT, "\"invalid_grant\"", "access_token",
     "right code, other verifier: 400 invalid_grant and no token"},
    {"no-secret", "client-auth", token_answer, 401, CLIENT, "\"invalid_client\"", "access_token",
     "without the secret: 401 invalid_client and no token"},
};
enum { N_ATTACKS = sizeof(ATTACKS) / sizeof(ATTACKS[0]) };

static bool saw(enum who who, const char *text)
{
    return text[0] && strstr(tap[who], text) != NULL;
}

static const char NO_TOKEN[] = "no token was issued in this run";

/* Where nothing went wrong, but the run did not come so far, it is inconclusive. */
static enum demo_result result(bool ok, bool shown)
{
    return !ok ? DEMO_FAIL : shown ? DEMO_PASS : DEMO_INCONCLUSIVE;
}

static void judge_attack(int i)
{
    const bool refused = status(ATTACKS[i].answer) == ATTACKS[i].status &&
                         strstr(body(ATTACKS[i].answer), ATTACKS[i].says) &&
                         !saw(ATTACKS[i].who, ATTACKS[i].withheld) &&
                         !saw(BROWSER, session.verifier) &&
                         (!replay_answer[0] || status(revoked_answer) == 401);

    demo_say("%s: %s", ATTACKS[i].fault, refused ? "refused" : "NOT refused");
    demo_verdict_word(ATTACKS[i].claim, result(refused, true), refused ? "refused" : "accepted",
                      ATTACKS[i].rule);
}

static void judge_attacks(void)
{
    char rule[FIELD];

    for (int i = 0; i < N_ATTACKS; i++) {
        if (fault_is(ATTACKS[i].fault) && (confidential() || !fault_is("no-secret"))) {
            judge_attack(i);
            continue;
        }
        put(rule, sizeof(rule), "not tried in this run: take %sfault=%s",
            confidential() ? "" : "client=confidential ", ATTACKS[i].fault);
        demo_verdict_word(ATTACKS[i].claim, DEMO_INCONCLUSIVE, "untried", rule);
    }
}

static void judge_taps(void)
{
    const bool browser = saw(BROWSER, grant.token), client = saw(CLIENT, grant.token);
    const bool issued = grant.token[0] != '\0';
    int knows = 0;

    demo_say("%-10s %-9s %-9s %s", "saw the", "password", "code", "access token");
    for (enum who who = BROWSER; who < PARTIES; who++) {
        demo_say("  %-8s %-9s %-9s %s", NAMES[who], saw(who, PASSWORD) ? "yes" : "-",
                 saw(who, grant.code) ? "yes" : "-", saw(who, grant.token) ? "yes" : "-");
        knows += saw(who, PASSWORD);
    }
    demo_verdict("four-roles",
                 result(knows == 0 || (knows == 2 && saw(BROWSER, PASSWORD) && saw(AUTH, PASSWORD)),
                        knows > 0),
                 knows, "parties",
                 knows == 0 ? "nobody logged in in this run"
                            : "password: browser and authorization server only");
    demo_verdict_word("channels",
                      result(!issued || (client && !browser && saw(BROWSER, grant.code)), issued),
                      !issued             ? "none"
                      : client && browser ? "both"
                      : client            ? "client"
                                          : "browser",
                      issued ? "the browser saw the code, only the client the token" : NO_TOKEN);
}

static void judge_bearer(void)
{
    const bool shown = photos_answer[0] != '\0';
    char value[FIELD];

    header(bare_answer, "WWW-Authenticate", value, sizeof(value));
    demo_verdict("bearer-401",
                 result(status(bare_answer) == 401 && starts(value, "Bearer ") &&
                            !strstr(value, "error=") && (!shown || status(photos_answer) == 200),
                        shown),
                 status(bare_answer), "",
                 shown ? "no token: 401, Bearer, no error; with it: 200" : NO_TOKEN);
}

static void connect_parties(void)
{
    int ends[2];

    for (int a = 0; a < PARTIES; a++)
        for (int b = 0; b < a; b++) {
            CHECK_SYS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
            wire[a][b] = ends[0];
            wire[b][a] = ends[1];
        }
}

int main(int argc, char **argv)
{
    char url[MSG] = "https://client.example/print";

    demo_start(argc, argv, "the OAuth authorization code flow, and five attacks", PARAMS);
    for (enum who who = BROWSER; who < PARTIES; who++)
        lane[who] = demo_lane(NAMES[who]);
    connect_parties();
    browse(url);
    judge_taps();
    judge_bearer();
    judge_attacks();
    return demo_finish();
}
