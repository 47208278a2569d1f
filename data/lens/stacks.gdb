# stacks.gdb: runs a demo and shows the stacks of all its threads when it crashes, and when it is
# held with SIGSTOP, which is how it is asked for them: no program can block or ignore that signal.
# What gdb says goes to the descriptor 250; "@exited N" or "@signal N" say how the demo ended.

set logging file /dev/fd/250
set logging redirect on
set logging enabled on

set confirm off
set width 0
set height 0
set startup-with-shell off
set print thread-events off
set print inferior-events off
set print address off
set print entry-values no
set print frame-arguments scalars
set backtrace limit 64

handle all nostop noprint pass
handle SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT SIGSYS stop print pass
handle SIGSTOP stop print nopass

run

# A demo may handle such a signal itself and go on, again and again.
set $stops = 0
while $_thread != 0
  thread apply all -ascending backtrace
  set $stops = $stops + 1
  if $_siginfo.si_signo == 19
    kill
  else
    if $stops == 5
      handle SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT SIGSYS nostop noprint pass
    end
    continue
  end
end

if !$_isvoid($_exitcode)
  printf "@exited %d\n", $_exitcode
end
if !$_isvoid($_exitsignal)
  printf "@signal %d\n", $_exitsignal
end
