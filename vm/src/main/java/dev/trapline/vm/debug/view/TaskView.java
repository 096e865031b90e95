package dev.trapline.vm.debug.view;

/**
 * A task of a Linux guest.
 *
 * @param pid its number; of a thread its own, of a process that of its first thread
 * @param tgid the process it is a thread of
 * @param ppid its parent
 * @param state {@code R} running or ready, {@code S} asleep, {@code D} asleep without signals, {@code I} idle, {@code T} stopped,
 *     {@code t} traced, {@code Z} ended, {@code X} dead, {@code P} parked
 * @param kernel whether it is one of the kernel's own
 * @param cr3 physical address of its page tables; 0 for the kernel's own tasks, which borrow another's
 * @param cpu the processor it runs on or ran last
 * @param current whether that processor executes it now
 * @param command its name, at most 15 characters
 * @param address of its task_struct
 */
public record TaskView(int pid, int tgid, int ppid, String state, boolean kernel, long cr3, int cpu, boolean current, String command,
    long address) {}
