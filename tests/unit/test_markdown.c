/*
 * test_markdown.c: Markdown as lines: golden layouts, properties of every layout, pages, and texts
 * that want to do harm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "markdown.h"
#include "utf8.h"

/* Lines stand here as they are shown. */
/* clang-format off */

/* A page in each language, and what it must look like. */
static const char english[] =
    "# The ready list: what `epoll_wait` really returns\n"
    "\n"
    "An epoll instance keeps a **ready list**. A file is put on it by *its own* wake-up, not by\n"
    "`epoll_wait()`; this is why the cost does not grow with the number of watched\n"
    "descriptors [epoll(7)](https://man7.org/linux/man-pages/man7/epoll.7.html). Run `cc -Wall -pthread ok-curve.c lib/demo.c` e.g. on /proc/self/fd and see I/O.\n"
    "\n"
    "## What is on it?\n"
    "\n"
    "1. The file that is *ready*, as `poll` would say;\n"
    "2. with `EPOLLET`, only when its state *changes*, so that a reader has to drain it until it says `EAGAIN`:\n"
    "   - once by `read(2)`,\n"
    "   - then again.\n"
    "10. A last one.\n"
    "\n"
    "> A quote that is long enough to be wrapped in all the widths we want to look at today.\n"
    ">\n"
    "> - with a list\n"
    ">   inside\n"
    "\n"
    "| Call | Cost for n watched | Limit |\n"
    "|:-----|:------:|-----:|\n"
    "| `select` | O(n), copies three bit sets into the kernel and back at each call | FD_SETSIZE (1024) |\n"
    "| `poll` | O(n) | RLIMIT_NOFILE |\n"
    "| `epoll_wait` | O(ready) | RLIMIT_NOFILE |\n"
    "\n"
    "```c\n"
    "#include <sys/epoll.h>\n"
    "int main(void)\n"
    "{\n"
    "    struct epoll_event ev = {.events = EPOLLIN | EPOLLET}; /* edge */\n"
    "    return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0 ? 1 : 0x10; // done\n"
    "}\n"
    "```\n"
    "\n"
    "```sh\n"
    "cc demo.c lib/demo.c && ./a.out\n"
    "```\n"
    "\n"
    "```aside\n"
    "An aside with **strong** words and a [link](https://www.kernel.org/doc/html/latest/filesystems/a/very/long/path/that/has/to/be/broken/somewhere/because/it/is/too/long.html).\n"
    "```\n"
    "\n"
    "```predict ok-curve\n"
    "Predict first.\n"
    "```\n"
    "\n"
    "***\n"
    "\n"
    "The end.  \n"
    "A hard break; [epoll(7)](https://man7.org/linux/man-pages/man7/epoll.7.html) again.\n";

static const char english_76[] =
    "The ready list: what epoll_wait really returns\n"
    "\n"
    "An epoll instance keeps a ready list. A file is put on it by its own\n"
    "wake-up, not by epoll_wait(); this is why the cost does not grow with the\n"
    "number of watched descriptors epoll(7)[1]. Run cc -Wall -pthread ok-curve.c\n"
    "lib/demo.c e.g. on /proc/self/fd and see I/O.\n"
    "\n"
    "What is on it?\n"
    "\n"
    "1. The file that is ready, as poll would say;\n"
    "2. with EPOLLET, only when its state changes, so that a reader has to drain\n"
    "   it until it says EAGAIN:\n"
    "   • once by read(2),\n"
    "   • then again.\n"
    "3. A last one.\n"
    "\n"
    "│ A quote that is long enough to be wrapped in all the widths we want to\n"
    "│ look at today.\n"
    "│\n"
    "│ • with a list inside\n"
    "\n"
    "Call       │               Cost for n watched                │         Limit\n"
    "───────────┼─────────────────────────────────────────────────┼──────────────\n"
    "select     │ O(n), copies three bit sets into the kernel and │    FD_SETSIZE\n"
    "           │                back at each call                │        (1024)\n"
    "poll       │                      O(n)                       │ RLIMIT_NOFILE\n"
    "epoll_wait │                    O(ready)                     │ RLIMIT_NOFILE\n"
    "\n"
    "  #include <sys/epoll.h>\n"
    "  int main(void)\n"
    "  {\n"
    "      struct epoll_event ev = {.events = EPOLLIN | EPOLLET}; /* edge */\n"
    "      return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0 ? 1 : 0x10; // done\n"
    "  }\n"
    "\n"
    "  cc demo.c lib/demo.c && ./a.out\n"
    "\n"
    "┃ An aside with strong words and a link[2].\n"
    "\n"
    "<live 0>\n"
    "\n"
    "────────────────────────────────────────────────────────────────────────────\n"
    "\n"
    "The end.\n"
    "A hard break; epoll(7)[1] again.\n"
    "\n"
    "Sources\n"
    "[1] epoll(7)  https://man7.org/linux/man-pages/man7/epoll.7.html\n"
    "[2] link\n"
    "    https://www.kernel.org/doc/html/latest/filesystems/a/very/long/path/that\n"
    "    /has/to/be/broken/somewhere/because/it/is/too/long.html\n";

static const char english_38[] =
    "The ready list: what epoll_wait really\n"
    "returns\n"
    "\n"
    "An epoll instance keeps a ready list.\n"
    "A file is put on it by its own\n"
    "wake-up, not by epoll_wait(); this is\n"
    "why the cost does not grow with the\n"
    "number of watched descriptors\n"
    "epoll(7)[1]. Run cc -Wall -pthread\n"
    "ok-curve.c lib/demo.c e.g. on /proc/\n"
    "self/fd and see I/O.\n"
    "\n"
    "What is on it?\n"
    "\n"
    "1. The file that is ready, as poll\n"
    "   would say;\n"
    "2. with EPOLLET, only when its state\n"
    "   changes, so that a reader has to\n"
    "   drain it until it says EAGAIN:\n"
    "   • once by read(2),\n"
    "   • then again.\n"
    "3. A last one.\n"
    "\n"
    "│ A quote that is long enough to be\n"
    "│ wrapped in all the widths we want to\n"
    "│ look at today.\n"
    "│\n"
    "│ • with a list inside\n"
    "\n"
    "Call: select\n"
    "Cost for n watched: O(n), copies three\n"
    "  bit sets into the kernel and back at\n"
    "  each call\n"
    "Limit: FD_SETSIZE (1024)\n"
    "\n"
    "Call: poll\n"
    "Cost for n watched: O(n)\n"
    "Limit: RLIMIT_NOFILE\n"
    "\n"
    "Call: epoll_wait\n"
    "Cost for n watched: O(ready)\n"
    "Limit: RLIMIT_NOFILE\n"
    "\n"
    "  #include <sys/epoll.h>\n"
    "  int main(void)\n"
    "  {\n"
    "      struct epoll_event ev = {.events = EPOLLIN | EPOLLET}; /* edge */\n"
    "      return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0 ? 1 : 0x10; // done\n"
    "  }\n"
    "\n"
    "  cc demo.c lib/demo.c && ./a.out\n"
    "\n"
    "┃ An aside with strong words and a\n"
    "┃ link[2].\n"
    "\n"
    "<live 0>\n"
    "\n"
    "──────────────────────────────────────\n"
    "\n"
    "The end.\n"
    "A hard break; epoll(7)[1] again.\n"
    "\n"
    "Sources\n"
    "[1] epoll(7)\n"
    "    https://man7.org/linux/man-pages/m\n"
    "    an7/epoll.7.html\n"
    "[2] link\n"
    "    https://www.kernel.org/doc/html/la\n"
    "    test/filesystems/a/very/long/path/\n"
    "    that/has/to/be/broken/somewhere/be\n"
    "    cause/it/is/too/long.html\n";

static const char chinese[] =
    "# 就绪链表：`epoll_wait` 返回的究竟是什么\n"
    "\n"
    "一个 epoll 实例维护着一条**就绪链表**（ready list）。文件是被*它自己*的唤醒放上去的，\n"
    "而不是被 `epoll_wait()` 放上去的；所以开销不随被监视的描述符\n"
    "数目增长。“这就是秘密，”他说，“——真的……”《Linux 编程接口》\n"
    "epoll 章节。参见 [epoll(7)](https://man7.org/linux/man-pages/man7/epoll.7.html)。\n"
    "\n"
    "1. 文件*就绪*，也就是 `poll` 会报告的那种；\n"
    "2. 使用 `EPOLLET` 时，只有状态*改变*才会报告，所以读者必须一直读到返回 `EAGAIN` 为止：\n"
    "   - 先 `read(2)`，\n"
    "   - 再来一次。\n"
    "\n"
    "> 引用一段足够长的文字，这样在我们今天要看的所有宽度下都会折行，标点也都在它们该在的位置上。\n"
    "\n"
    "| 调用 | 监视 n 个描述符的开销 | 上限 |\n"
    "|:-----|:------:|-----:|\n"
    "| `select` | O(n)，每次调用都要把三个位集合复制进内核再复制出来 | FD_SETSIZE（1024） |\n"
    "| `epoll_wait` | O(就绪数) | RLIMIT_NOFILE |\n"
    "\n"
    "```aside\n"
    "旁注：这里有一段**重要**的话。\n"
    "```\n";

static const char chinese_76[] =
    "就绪链表：epoll_wait 返回的究竟是什么\n"
    "\n"
    "一个 epoll 实例维护着一条就绪链表（ready list）。文件是被它自己的唤醒放上去\n"
    "的，而不是被 epoll_wait() 放上去的；所以开销不随被监视的描述符数目增长。“这\n"
    "就是秘密，”他说，“——真的……”《Linux 编程接口》epoll 章节。参见 epoll(7)[1]。\n"
    "\n"
    "1. 文件就绪，也就是 poll 会报告的那种；\n"
    "2. 使用 EPOLLET 时，只有状态改变才会报告，所以读者必须一直读到返回 EAGAIN 为\n"
    "   止：\n"
    "   • 先 read(2)，\n"
    "   • 再来一次。\n"
    "\n"
    "│ 引用一段足够长的文字，这样在我们今天要看的所有宽度下都会折行，标点也都在它\n"
    "│ 们该在的位置上。\n"
    "\n"
    "调用       │            监视 n 个描述符的开销             │             上限\n"
    "───────────┼──────────────────────────────────────────────┼─────────────────\n"
    "select     │ O(n)，每次调用都要把三个位集合复制进内核再复 │       FD_SETSIZE\n"
    "           │                    制出来                    │         （1024）\n"
    "epoll_wait │                  O(就绪数)                   │    RLIMIT_NOFILE\n"
    "\n"
    "┃ 旁注：这里有一段重要的话。\n"
    "\n"
    "Sources\n"
    "[1] epoll(7)  https://man7.org/linux/man-pages/man7/epoll.7.html\n";

static const char chinese_38[] =
    "就绪链表：epoll_wait 返回的究竟是什么\n"
    "\n"
    "一个 epoll 实例维护着一条就绪链表\n"
    "（ready list）。文件是被它自己的唤醒放\n"
    "上去的，而不是被 epoll_wait() 放上去\n"
    "的；所以开销不随被监视的描述符数目增\n"
    "长。“这就是秘密，”他说，“——真\n"
    "的……”《Linux 编程接口》epoll 章节。参\n"
    "见 epoll(7)[1]。\n"
    "\n"
    "1. 文件就绪，也就是 poll 会报告的那\n"
    "   种；\n"
    "2. 使用 EPOLLET 时，只有状态改变才会报\n"
    "   告，所以读者必须一直读到返回 EAGAIN\n"
    "   为止：\n"
    "   • 先 read(2)，\n"
    "   • 再来一次。\n"
    "\n"
    "│ 引用一段足够长的文字，这样在我们今天\n"
    "│ 要看的所有宽度下都会折行，标点也都在\n"
    "│ 它们该在的位置上。\n"
    "\n"
    "调用: select\n"
    "监视 n 个描述符的开销: O(n)，每次调用\n"
    "  都要把三个位集合复制进内核再复制出来\n"
    "上限: FD_SETSIZE（1024）\n"
    "\n"
    "调用: epoll_wait\n"
    "监视 n 个描述符的开销: O(就绪数)\n"
    "上限: RLIMIT_NOFILE\n"
    "\n"
    "┃ 旁注：这里有一段重要的话。\n"
    "\n"
    "Sources\n"
    "[1] epoll(7)\n"
    "    https://man7.org/linux/man-pages/m\n"
    "    an7/epoll.7.html\n";

/* Blocks of all kinds, each with what a terminal shows of it. */
static const struct {
    const char *what;
    int cols;
    bool ascii;
    const char *markdown, *lines;
} layouts[] = {
    {"paragraphs are wrapped and set apart", 22, false,
     "One paragraph that is wrapped here.\n"
     "\n"
     "\n"
     "\n"
     "Another one.\n",
     "One paragraph that is\n"
     "wrapped here.\n"
     "\n"
     "Another one.\n"},
    {"headings have space", 30, false,
     "# One\n"
     "text\n"
     "## Two\n"
     "### Three\n"
     "more\n",
     "One\n"
     "\n"
     "text\n"
     "\n"
     "Two\n"
     "\n"
     "Three\n"
     "\n"
     "more\n"},
    {"a heading may wrap", 12, false,
     "## A heading that is long\n",
     "A heading\n"
     "that is long\n"},
    {"blanks are squeezed", 30, false,
     "a  b\t c `d ` e *f *g* h*\n",
     "a b c d e f g h\n"},
    {"hard breaks are kept, soft ones are not", 30, false,
     "one  \n"
     "two\\\n"
     "three\n"
     "four\n",
     "one\n"
     "two\n"
     "three four\n"},
    {"tight lists are tight", 20, false,
     "- one\n"
     "- two that is wrapped\n"
     "  - three\n"
     "    - four\n",
     "• one\n"
     "• two that is\n"
     "  wrapped\n"
     "  • three\n"
     "    • four\n"},
    {"loose lists are loose", 20, false,
     "- one\n"
     "\n"
     "  more\n"
     "\n"
     "- two\n",
     "• one\n"
     "\n"
     "  more\n"
     "\n"
     "• two\n"},
    {"bullets in ASCII", 20, true,
     "- one\n"
     "  - two\n",
     "- one\n"
     "  - two\n"},
    {"numbers are aligned to the right", 20, false,
     "8. eight\n"
     "9. nine is wrapped as well\n"
     "10. ten\n",
     " 8. eight\n"
     " 9. nine is wrapped\n"
     "    as well\n"
     "10. ten\n"},
    {"numbers keep their delimiter", 20, false,
     "1) one\n"
     "2) two\n",
     "1) one\n"
     "2) two\n"},
    {"an empty item has its bullet", 20, false,
     "- one\n"
     "-\n"
     "- three\n",
     "• one\n"
     "•\n"
     "• three\n"},
    {"an item that starts with a list", 20, false,
     "- - one\n"
     "  - two\n",
     "• • one\n"
     "  • two\n"},
    {"code and quotes in an item", 24, false,
     "1. text\n"
     "\n"
     "   ```\n"
     "   code\n"
     "   ```\n"
     "\n"
     "   > quote\n",
     "1. text\n"
     "\n"
     "     code\n"
     "\n"
     "   │ quote\n"},
    {"quotes have a bar", 20, false,
     "> one two three four five\n"
     ">\n"
     "> - six\n"
     "> > seven\n",
     "│ one two three four\n"
     "│ five\n"
     "│\n"
     "│ • six\n"
     "│\n"
     "│ │ seven\n"},
    {"quotes in ASCII", 20, true,
     "> one\n"
     ">\n"
     "> two\n",
     "| one\n"
     "|\n"
     "| two\n"},
    {"rules fill the line", 10, false,
     "one\n"
     "\n"
     "---\n"
     "\n"
     "two\n",
     "one\n"
     "\n"
     "──────────\n"
     "\n"
     "two\n"},
    {"rules in ASCII", 10, true,
     "***\n",
     "----------\n"},
    {"code is not wrapped", 10, false,
     "```c\n"
     "int main(void)\n"
     "{\n"
     "\n"
     "    return 0;\n"
     "}\n"
     "```\n",
     "  int main(void)\n"
     "  {\n"
     "\n"
     "      return 0;\n"
     "  }\n"},
    {"indented code and tabs", 20, false,
     "text\n"
     "\n"
     "    one\n"
     "    \ttwo\n",
     "text\n"
     "\n"
     "  one\n"
     "      two\n"},
    {"an unclosed fence runs to the end", 20, false,
     "```\n"
     "one\n"
     "\n"
     "two\n",
     "  one\n"
     "\n"
     "  two\n"},
    {"asides have a bar", 24, false,
     "before\n"
     "\n"
     "```aside\n"
     "A note that is wrapped.\n"
     "\n"
     "- with a list\n"
     "```\n"
     "\n"
     "after\n",
     "before\n"
     "\n"
     "┃ A note that is\n"
     "┃ wrapped.\n"
     "┃\n"
     "┃ • with a list\n"
     "\n"
     "after\n"},
    {"asides in ASCII", 24, true,
     "```aside\n"
     "A note.\n"
     "```\n",
     "| A note.\n"},
    {"live blocks take a line", 20, false,
     "one\n"
     "\n"
     "```demo a\n"
     "x\n"
     "```\n"
     "\n"
     "```quiz b\n"
     "```\n",
     "one\n"
     "\n"
     "<live 0>\n"
     "\n"
     "<live 1>\n"},
    {"a live block in an item leaves the bullet", 20, false,
     "- ```claim a\n"
     "  ```\n",
     "•\n"
     "  <live 0>\n"},
    {"links become sources", 40, false,
     "See [epoll(7)](https://man7.org/e), [poll(2)](https://man7.org/p) and [again](https://man7.org/e).\n",
     "See epoll(7)[1], poll(2)[2] and\n"
     "again[1].\n"
     "\n"
     "Sources\n"
     "[1] epoll(7)  https://man7.org/e\n"
     "[2] poll(2)  https://man7.org/p\n"},
    {"a long URL is broken anywhere", 24, false,
     "[a](https://example.org/a/long/path/to/it)\n",
     "a[1]\n"
     "\n"
     "Sources\n"
     "[1] a\n"
     "    https://example.org/\n"
     "    a/long/path/to/it\n"},
    {"autolinks speak for themselves", 40, false,
     "See <https://example.org/> now.\n",
     "See https://example.org/ now.\n"},
    {"images are links", 40, false,
     "![a *picture*](p.png)\n",
     "a picture[1]\n"
     "\n"
     "Sources\n"
     "[1] a picture  p.png\n"},
    {"a mark stays with its link", 12, false,
     "one two (abc)[d](u), x\n",
     "one two\n"
     "(abc)d[1], x\n"
     "\n"
     "Sources\n"
     "[1] d  u\n"},
    {"entities are characters", 40, false,
     "a &lt; b &amp;&amp; c &#x4e2d;&#65; &hellip; &unknown; &#27;[2J\n",
     "a < b && c 中A … &unknown; ^[[2J\n"},
    {"HTML is text", 40, false,
     "<b>bold</b>\n"
     "\n"
     "<div onclick=\"x\">\n"
     "y\n"
     "</div>\n",
     "<b>bold</b>\n"
     "\n"
     "<div onclick=\"x\"> y </div>\n"},
    {"controls are visible", 40, false,
     "a\033[31mb \u202ec\n",
     "a^[[31mb <U+202E>c\n"},
    {"tables are fitted", 40, false,
     "| Call | Blocks | n |\n"
     "|:--|:-:|--:|\n"
     "| `select` | yes | 1024 |\n"
     "| `epoll_wait` | yes, until ready | 1 |\n",
     "Call       │      Blocks      │    n\n"
     "───────────┼──────────────────┼─────\n"
     "select     │       yes        │ 1024\n"
     "epoll_wait │ yes, until ready │    1\n"},
    {"tables in ASCII", 40, true,
     "| a | b |\n"
     "|---|---|\n"
     "| 1 | 2 |\n",
     "a | b\n"
     "--+--\n"
     "1 | 2\n"},
    {"cells are wrapped", 30, false,
     "| Call | Meaning |\n"
     "|---|---|\n"
     "| read | takes bytes from a descriptor, or waits |\n"
     "| write | puts them |\n",
     "Call  │ Meaning\n"
     "──────┼───────────────────────\n"
     "read  │ takes bytes from a\n"
     "      │ descriptor, or waits\n"
     "write │ puts them\n"},
    {"rows are ruled if their first cell wraps", 30, false,
     "| What it is | Meaning of it |\n"
     "|---|---|\n"
     "| a long first cell here | text text text |\n"
     "| b | c |\n",
     "What it is       │ Meaning of\n"
     "                 │ it\n"
     "─────────────────┼────────────\n"
     "a long first     │ text text\n"
     "cell here        │ text\n"
     "─────────────────┼────────────\n"
     "b                │ c\n"},
    {"a hopeless table becomes records", 20, false,
     "| Call | Copies | Bound | Since |\n"
     "|---|---|---|---|\n"
     "| select | bitmaps | FD_SETSIZE | 4.2BSD |\n"
     "| poll | array | | SVR3 |\n",
     "Call: select\n"
     "Copies: bitmaps\n"
     "Bound: FD_SETSIZE\n"
     "Since: 4.2BSD\n"
     "\n"
     "Call: poll\n"
     "Copies: array\n"
     "Since: SVR3\n"},
    {"a table without rows", 30, false,
     "| a | b |\n"
     "|---|---|\n",
     "a │ b\n"
     "──┼──\n"},
    {"long code goes to the next line in one piece", 24, false,
     "Use the flag `O_RDWR|O_CLOEXEC` now\n",
     "Use the flag\n"
     "O_RDWR|O_CLOEXEC now\n"},
    {"nesting leaves room for text", 12, false,
     "> > > > > one two three\n",
     "│ │ │ one\n"
     "│ │ │ two\n"
     "│ │ │ three\n"},
    {"deep nesting is flattened", 40, false,
     ">>>>>>>>>>>>>>>>>> deep\n",
     "│ │ │ │ │ │ │ │ │ │ │ │ │ │ │ │ deep\n"},
    {"Chinese joins its lines", 20, false,
     "内核维护\n"
     "就绪链表，\n"
     "epoll 返回\n"
     "它。\n",
     "内核维护就绪链表，\n"
     "epoll 返回它。\n"},
    {"Chinese punctuation stays in place", 12, false,
     "文件描述符，以及（就绪）链表。\n",
     "文件描述符，\n"
     "以及（就绪）\n"
     "链表。\n"},
    {"a Chinese list", 12, false,
     "1. 文件是就绪的；\n"
     "2. 再来。\n",
     "1. 文件是就\n"
     "   绪的；\n"
     "2. 再来。\n"},
    {"a Chinese table", 24, false,
     "| 调用 | 含义 |\n"
     "|---|---|\n"
     "| 读取 | 从描述符里取出字节，或者等待 |\n",
     "调用 │ 含义\n"
     "─────┼──────────────────\n"
     "读取 │ 从描述符里取出字\n"
     "     │ 节，或者等待\n"},
    {"nothing", 20, false,
     "",
     ""},
    {"blank", 20, false,
     " \n"
     "\t\n",
     ""},
};
/* clang-format on */

/* The letter of a style, for tests of styles. */
static char style_letter(enum md_style style)
{
    static const char letters[MD_STYLE_COUNT] = {
        [MD_TEXT] = 't',        [MD_STRONG] = 's',      [MD_EMPH] = 'e',
        [MD_CODE] = 'c',        [MD_H1] = '1',          [MD_H2] = '2',
        [MD_H3] = '3',          [MD_QUOTE] = 'q',       [MD_RULE] = '-',
        [MD_SOURCE] = 'o',      [MD_ASIDE] = 'a',       [MD_SRC_TEXT] = 'T',
        [MD_SRC_KEYWORD] = 'K', [MD_SRC_TYPE] = 'Y',    [MD_SRC_STRING] = 'S',
        [MD_SRC_NUMBER] = 'N',  [MD_SRC_COMMENT] = 'C', [MD_SRC_PREPROC] = 'P',
    };

    return letters[style];
}

static void add_line(struct buf *out, const struct md_line *line, bool styles)
{
    for (int i = 0; i < line->indent; i++)
        buf_putc(out, ' ');
    if (line->live >= 0)
        buf_printf(out, "<live %d>", line->live);
    for (size_t i = 0; i < line->n; i++) {
        const struct md_run *run = &line->runs[i];
        if (styles)
            buf_printf(out, "{%c:", style_letter(run->style));
        buf_add(out, run->text, run->len);
        if (styles)
            buf_putc(out, '}');
    }
    buf_putc(out, '\n');
}

/* A document as it is shown; the caller frees. */
static char *shown(const char *markdown, int cols, bool ascii, bool styles)
{
    struct md_doc *doc = md_new(markdown, strlen(markdown));
    struct buf out = {0};
    size_t n;
    const struct md_line *lines = md_layout(doc, cols, ascii, "Sources", &n);

    for (size_t i = 0; i < n; i++)
        add_line(&out, &lines[i], styles);
    md_free(doc);
    return buf_take(&out);
}

static void assert_shown(const char *what, const char *markdown, int cols, bool ascii,
                         const char *lines)
{
    char *text = shown(markdown, cols, ascii, false);

    if (strcmp(text, lines) != 0)
        fail_msg("%s: shown is\n%s--- and not\n%s---", what, text, lines);
    free(text);
}

static void pages_look_as_they_should(void **state)
{
    (void)state;
    assert_shown("english", english, 76, false, english_76);
    assert_shown("english", english, 38, false, english_38);
    assert_shown("chinese", chinese, 76, false, chinese_76);
    assert_shown("chinese", chinese, 38, false, chinese_38);
}

static void blocks_look_as_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
        assert_shown(layouts[i].what, layouts[i].markdown, layouts[i].cols, layouts[i].ascii,
                     layouts[i].lines);
}

static void styles_follow_the_markup(void **state)
{
    static const struct {
        const char *markdown, *runs;
    } rows[] = {
        {"a **b** *c* `d`", "{t:a }{s:b}{t: }{e:c}{t: }{c:d}\n"},
        {"***a* b**", "{s:a b}\n"},
        {"*a **b** c*", "{e:a }{s:b}{e: c}\n"},
        {"# A `b`", "{1:A }{c:b}\n"},
        {"###### A", "{3:A}\n"},
        {"> a *b*", "{-:│ }{q:a }{e:b}\n"},
        {"- a", "{-:• }{t:a}\n"},
        {"```aside\na\n```", "{a:┃ }{a:a}\n"},
        {"```c\nint a; // b\n```", "  {Y:int}{T: a; }{C:// b}\n"},
        {"```sh\nint a\n```", "  {T:int a}\n"},
        {"|a|\n|---|\n|`b`|", "{s:a}\n{-:─}\n{c:b}\n"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *runs = shown(rows[i].markdown, 40, false, true);
        assert_string_equal(runs, rows[i].runs);
        free(runs);
    }
}

static void highlighting_goes_on_over_lines(void **state)
{
    char *runs = shown("```c\n/* a\nb */ int\n```", 40, false, true);

    (void)state;
    assert_string_equal(runs, "  {C:/* a}\n  {C:b */}{T: }{Y:int}\n");
    free(runs);
}

static void only_code_says_it_may_be_too_wide(void **state)
{
    const char text[] = "```\ncode\n```\n\ntext\n";
    struct md_doc *doc = md_new(text, strlen(text));
    size_t n;
    const struct md_line *lines = md_layout(doc, 40, false, NULL, &n);

    (void)state;
    assert_int_equal(n, 3);
    assert_true(lines[0].code);
    assert_int_equal(lines[0].indent, 2);
    assert_false(lines[1].code);
    assert_false(lines[2].code);
    md_free(doc);
}

static void sources_are_left_out_without_a_title(void **state)
{
    const char text[] = "[a](u)";
    struct md_doc *doc = md_new(text, strlen(text));
    size_t n;

    (void)state;
    md_layout(doc, 40, false, NULL, &n);
    assert_int_equal(n, 1);
    md_layout(doc, 40, false, "来源", &n);
    assert_int_equal(n, 4);
    md_free(doc);
}

/* What must hold for every layout */

static void check_lines(struct md_doc *doc, int cols, bool ascii)
{
    size_t n;
    size_t n_live;
    const struct md_line *lines = md_layout(doc, cols, ascii, "Sources", &n);

    md_live(doc, &n_live);
    for (size_t i = 0; i < n; i++) {
        int used = lines[i].indent;
        assert_true(lines[i].live < (int)n_live);
        assert_true(lines[i].live < 0 || lines[i].n == 0);
        for (size_t k = 0; k < lines[i].n; k++) {
            const struct md_run *run = &lines[i].runs[k];
            assert_true(run->len > 0);
            assert_true(utf8_valid(run->text, run->len));
            assert_null(memchr(run->text, '\n', run->len));
            used += utf8_cols(run->text, run->len);
        }
        if (!lines[i].code && lines[i].live < 0 && used > int_max(cols, 10))
            fail_msg("line %zu takes %d of %d columns", i + 1, used, cols);
    }
}

static void add_visible(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s != ' ' && *s != '\n')
            buf_putc(out, *s);
    }
}

/* Whether all of part but its blanks comes in whole, in its order. */
static bool has_all_of(const char *whole, const char *part)
{
    struct buf words = {0};
    size_t k = 0;

    add_visible(&words, part);
    for (; *whole && k < words.len; whole++)
        k += *whole == words.text[k];
    const bool all = k == words.len;
    buf_release(&words);
    return all;
}

static void no_line_is_wider_than_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(layouts) + 2; i++) {
        const char *text = i < ARRAY_LEN(layouts)    ? layouts[i].markdown
                           : i == ARRAY_LEN(layouts) ? english
                                                     : chinese;
        struct md_doc *doc = md_new(text, strlen(text));
        for (int cols = -1; cols <= 120; cols++)
            check_lines(doc, cols, cols % 2 == 0);
        md_free(doc);
    }
}

/* Cells stand side by side, so tables are left out here. */
static void no_word_gets_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        const char *text = layouts[i].markdown;
        if (strchr(text, '|') || strstr(text, "```quiz") || strstr(text, "```claim"))
            continue;
        struct md_doc *doc = md_new(text, strlen(text));
        char *plain = md_plain(doc);
        for (int cols = 10; cols <= 80; cols += 7) {
            char *lines = shown(text, cols, false, false);
            assert_true(has_all_of(lines, plain));
            free(lines);
        }
        free(plain);
        md_free(doc);
    }
}

static void a_layout_can_be_repeated(void **state)
{
    struct md_doc *doc = md_new(english, strlen(english));
    size_t first;
    size_t again;

    (void)state;
    md_layout(doc, 60, false, "Sources", &first);
    md_layout(doc, 30, true, "Sources", &again);
    assert_true(again > first);
    md_layout(doc, 60, false, "Sources", &again);
    assert_int_equal(first, again);
    md_free(doc);
}

/* Live blocks and plain text */

static void live_blocks_are_taken_apart(void **state)
{
    const char text[] = "```demo share-matrix vm=1  files=0\nRun it.\nNow.\n```\n"
                        "```predict share\n```\n"
                        "> ```claim one-task\n> Said.\n> ```\n\n"
                        "~~~quiz\n~~~\n"
                        "```demolition x\n```\n"
                        "    demo indented\n";
    struct md_doc *doc = md_new(text, strlen(text));
    size_t n;
    const struct md_live_block *live = md_live(doc, &n);

    (void)state;
    assert_int_equal(n, 4);
    assert_int_equal(live[0].kind, MD_LIVE_DEMO);
    assert_string_equal(live[0].name, "share-matrix");
    assert_string_equal(live[0].args, "vm=1  files=0");
    assert_string_equal(live[0].body, "Run it.\nNow.");
    assert_int_equal(live[1].kind, MD_LIVE_PREDICT);
    assert_string_equal(live[1].name, "share");
    assert_string_equal(live[1].args, "");
    assert_string_equal(live[1].body, "");
    assert_int_equal(live[2].kind, MD_LIVE_CLAIM);
    assert_string_equal(live[2].body, "Said.");
    assert_int_equal(live[3].kind, MD_LIVE_QUIZ);
    assert_string_equal(live[3].name, "");
    md_free(doc);
}

static void live_blocks_are_clean(void **state)
{
    const char text[] = "```demo a\033b c\xff\nx\ry\n```\n";
    struct md_doc *doc = md_new(text, strlen(text));
    size_t n;
    const struct md_live_block *live = md_live(doc, &n);

    (void)state;
    assert_int_equal(n, 1);
    assert_string_equal(live[0].name, "a^[b");
    assert_string_equal(live[0].args, "c\\xff");
    assert_true(utf8_valid(live[0].body, strlen(live[0].body)));
    assert_null(strchr(live[0].body, '\r'));
    md_free(doc);
}

static void an_aside_holds_no_live_blocks(void **state)
{
    char *lines = shown("````aside\n```demo x\ny\n```\n````\n", 40, false, false);

    (void)state;
    assert_string_equal(lines, "┃   y\n");
    free(lines);
}

static void plain_text_is_for_searching(void **state)
{
    const char text[] = "# A *title*\n\n- one [two](u)\n- three\n\n|a|b|\n|---|---|\n|c|d|\n\n"
                        "```c\nint x;\nint y;\n```\n\n```demo d\nRun d.\n```\n";
    struct md_doc *doc = md_new(text, strlen(text));
    char *plain = md_plain(doc);

    (void)state;
    assert_string_equal(plain, "A title\none two\nthree\na b \nc d \nint x;\nint y;\nRun d.\n");
    free(plain);
    md_free(doc);
}

/* Pages */

static void a_file_is_split_at_its_headings(void **state)
{
    const char text[] = "\n# One `x` [l](u)\ntext\n## Below\n```\n# no heading\n```\n"
                        "    # nor this\n\n> # nor that\n\n- # or that\n\nA setext\n===\n##\n"
                        "   # Two #\n\n#three\n";
    struct md_page *pages;
    size_t n;
    struct err e;

    (void)state;
    assert_true(md_split(text, strlen(text), &pages, &n, &e));
    assert_int_equal(n, 2);
    assert_string_equal(pages[0].title, "One x l");
    assert_int_equal(pages[0].start, 1);
    assert_int_equal(pages[0].end, pages[1].start);
    assert_string_equal(pages[1].title, "Two");
    assert_memory_equal(text + pages[1].start, "   # Two", 8);
    assert_int_equal(pages[1].end, strlen(text));
    md_pages_free(pages, n);
}

static void text_before_the_first_heading_is_an_error(void **state)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"a\n# b\n", "line 1: text before"},
        {"\n\n  a\n# b\n", "line 3: text before"},
        {"\r\n\r\nno heading\n", "line 3: text before"},
        {"```\n# b\n```\n", "line 1: text before"},
        {"# a\n\n#\n", "below line 1 has no text"},
    };
    struct md_page *pages;
    size_t n;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = {.text = ""};
        assert_false(md_split(rows[i].text, strlen(rows[i].text), &pages, &n, &e));
        if (!strstr(e.text, rows[i].error))
            fail_msg("\"%s\" does not say \"%s\"", e.text, rows[i].error);
        assert_null(pages);
        assert_int_equal(n, 0);
    }
}

/* The bytes behind the text may be anything. */
static void only_the_text_is_read(void **state)
{
    const char text[] = "a [b](c) d";
    struct md_doc *doc = md_new(text, 7);
    char *plain = md_plain(doc);

    (void)state;
    assert_string_equal(plain, "a [b](c\n");
    free(plain);
    md_free(doc);
}

static void an_empty_file_has_no_pages(void **state)
{
    struct md_page *pages;
    size_t n;

    (void)state;
    assert_true(md_split(" \n\n", 3, &pages, &n, NULL));
    assert_int_equal(n, 0);
    md_pages_free(pages, n);
}

static void a_byte_order_mark_and_crlf_do_not_matter(void **state)
{
    const char text[] = "\xef\xbb\xbf# One\r\n\r\ntext\r\n# Two\r\n";
    struct md_page *pages;
    size_t n;
    struct err e;

    (void)state;
    assert_true(md_split(text, strlen(text), &pages, &n, &e));
    assert_int_equal(n, 2);
    assert_int_equal(pages[0].start, 3);
    assert_string_equal(pages[1].title, "Two");
    assert_memory_equal(text + pages[1].start, "# Two", 5);
    md_pages_free(pages, n);
    assert_shown("BOM", text, 40, false, "One\n\ntext\n\nTwo\n");
}

/* Texts that want to do harm: each must be laid out at once, in bounded memory */

enum { PATIENCE_S = 10 }; /* where linear work takes some 10 ms, and quadratic work minutes */

static void repeat(struct buf *b, const char *piece, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_puts(b, piece);
}

static void assert_survives(struct buf *text, size_t max_lines)
{
    struct md_page *pages;
    size_t n;

    alarm(PATIENCE_S);
    struct md_doc *doc = md_new(text->text, text->len);
    check_lines(doc, 40, false);
    md_layout(doc, 40, false, "Sources", &n);
    assert_true(n <= max_lines);
    free(md_plain(doc));
    md_free(doc);
    if (md_split(text->text, text->len, &pages, &n, NULL))
        md_pages_free(pages, n);
    alarm(0);
    buf_release(text);
}

static void repetition_does_no_harm(void **state)
{
    static const char *const pieces[] = {
        "[",       "![",       "](",       "[a](",       "[](",   "[a](u)",  "> ",   "- ",
        "1. ",     "* a\n",    "`",        "`a",         "*",     "*a",      "**a ", "_a__ ",
        "<",       "&",        "\\",       "|",          "|a|\n", "\t",      "#\n",  "\n",
        "a ",      "a",        "中",       "\xff",       "~~~",   "```\n",   "\r",   "- a\n\n  ",
        "e\u0301", "a\n===\n", "[a]: b\n", "<http://a>", "&#27;", "    a\n", "> - ", "👨\u200d",
    };
    const size_t size = 100 * 1000;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct buf text = {0};
        repeat(&text, pieces[i], size / strlen(pieces[i]));
        assert_survives(&text, size + 10);
    }
}

static void deep_nesting_does_no_harm(void **state)
{
    static const char *const pieces[] = {"> ", "- ", "> - ", "1. "};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct buf text = {0};
        repeat(&text, pieces[i], 10 * 1000);
        buf_puts(&text, "deep\n");
        repeat(&text, "lazy\n", 1000);
        assert_survives(&text, 2000);
    }
}

static void a_megabyte_in_one_line_does_no_harm(void **state)
{
    struct buf words = {0};
    struct buf brackets = {0};

    (void)state;
    repeat(&words, "word ", 200 * 1000);
    assert_survives(&words, 30 * 1000);
    repeat(&brackets, "[", 1000 * 1000);
    assert_survives(&brackets, 30 * 1000);
}

/* md4c would fill up every row to the width of the header. */
static void a_table_bomb_is_shown_as_text(void **state)
{
    struct buf text = {0};

    (void)state;
    repeat(&text, "|a", 5000);
    buf_puts(&text, "|\n");
    repeat(&text, "|---", 5000);
    buf_puts(&text, "|\n");
    repeat(&text, "|x|\n", 50 * 1000);
    struct md_doc *doc = md_new(text.text, text.len);
    char *plain = md_plain(doc);
    assert_string_equal(plain, text.text);
    free(plain);
    md_free(doc);
    assert_survives(&text, 60 * 1000);
}

/* Each use of a reference copies its URL. */
static void a_reference_bomb_is_shown_as_text(void **state)
{
    struct buf text = {0};

    (void)state;
    buf_puts(&text, "[x]: ");
    repeat(&text, "u", 300 * 1000);
    buf_puts(&text, "\n\n");
    repeat(&text, "[x]", 100 * 1000);
    struct md_doc *doc = md_new(text.text, text.len);
    char *plain = md_plain(doc);
    assert_memory_equal(plain, "[x]: uuu", 8);
    free(plain);
    md_free(doc);
    assert_survives(&text, 100);
}

static void a_link_bomb_is_shown_as_text(void **state)
{
    struct buf text = {0};

    (void)state;
    repeat(&text, "a\n", 100 * 1000);
    repeat(&text, "[b](c)", 30 * 1000);
    assert_survives(&text, 110 * 1000);
}

static void a_bomb_is_not_split_into_pages(void **state)
{
    struct buf text = {0};
    struct md_page *pages;
    size_t n;
    struct err e = {.text = ""};

    (void)state;
    buf_puts(&text, "# a\n");
    repeat(&text, "[b]\n", 50 * 1000);
    assert_false(md_split(text.text, text.len, &pages, &n, &e));
    assert_non_null(strstr(e.text, "too complex"));
    buf_release(&text);
}

static void many_sources_are_bounded(void **state)
{
    struct buf text = {0};

    (void)state;
    for (int i = 0; i < 2000; i++)
        buf_printf(&text, "[a](u%d)\n\n", i);
    assert_survives(&text, 2 * 2000 + 2 + 999);
}

static void wide_tables_do_no_harm(void **state)
{
    struct buf text = {0};

    (void)state;
    repeat(&text, "|header", 900);
    buf_puts(&text, "|\n");
    repeat(&text, "|---", 900);
    buf_puts(&text, "|\n");
    for (int i = 0; i < 20; i++) {
        repeat(&text, "|cell", 900);
        buf_puts(&text, "|\n");
    }
    assert_survives(&text, 20 * 901);
}

/* md4c 0.4.8 reads behind the end here; a sanitizer would tell. */
static void a_text_may_end_anywhere(void **state)
{
    (void)state;
    for (size_t n = 0; n <= strlen(english); n++) {
        char *exact = xmalloc(n);
        memcpy(exact, english, n);
        struct md_doc *doc = md_new(exact, n);
        free(exact); /* the document keeps nothing of it */
        check_lines(doc, 40, false);
        md_free(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_look_as_they_should),
        cmocka_unit_test(blocks_look_as_they_should),
        cmocka_unit_test(styles_follow_the_markup),
        cmocka_unit_test(highlighting_goes_on_over_lines),
        cmocka_unit_test(only_code_says_it_may_be_too_wide),
        cmocka_unit_test(sources_are_left_out_without_a_title),
        cmocka_unit_test(no_line_is_wider_than_asked),
        cmocka_unit_test(no_word_gets_lost),
        cmocka_unit_test(a_layout_can_be_repeated),
        cmocka_unit_test(live_blocks_are_taken_apart),
        cmocka_unit_test(live_blocks_are_clean),
        cmocka_unit_test(an_aside_holds_no_live_blocks),
        cmocka_unit_test(plain_text_is_for_searching),
        cmocka_unit_test(a_file_is_split_at_its_headings),
        cmocka_unit_test(text_before_the_first_heading_is_an_error),
        cmocka_unit_test(only_the_text_is_read),
        cmocka_unit_test(an_empty_file_has_no_pages),
        cmocka_unit_test(a_byte_order_mark_and_crlf_do_not_matter),
        cmocka_unit_test(repetition_does_no_harm),
        cmocka_unit_test(deep_nesting_does_no_harm),
        cmocka_unit_test(a_megabyte_in_one_line_does_no_harm),
        cmocka_unit_test(a_table_bomb_is_shown_as_text),
        cmocka_unit_test(a_reference_bomb_is_shown_as_text),
        cmocka_unit_test(a_link_bomb_is_shown_as_text),
        cmocka_unit_test(a_bomb_is_not_split_into_pages),
        cmocka_unit_test(many_sources_are_bounded),
        cmocka_unit_test(wide_tables_do_no_harm),
        cmocka_unit_test(a_text_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
