package dev.trapline.vm.debug;

/**
 * What comes of a hit, in this order: the hit count, the condition, the log, the command, the handler, the stop.
 *
 * @param hits which hits are taken, or null for all
 * @param log template of a line to print, with expressions in braces: {@code rip={rip:x}}; null for the event as it is
 * @param command a command line to execute, or null
 * @param silent print nothing
 * @param stops whether the machine stops; a trace does not
 * @param before in the stage before the access is made
 * @param group the name of the group it is switched with, or null
 * @param handler who is asked, or null
 */
public record Reaction(HitRule hits, String log, String command, boolean silent, boolean stops, boolean before, String group,
    EventHandler handler) {
  /** The machine stops. */
  public static final Reaction STOP = new Reaction(null, null, null, false, true, false, null, null);
  /** A line is printed, and the machine goes on. */
  public static final Reaction TRACE = new Reaction(null, null, null, false, false, false, null, null);

  /** The same for code to be asked: it says whether the machine stops. */
  public Reaction asking(EventHandler who) {
    return new Reaction(hits, log, command, silent, false, before, group, who);
  }

  /** The same in the stage before. */
  public Reaction early() {
    return new Reaction(hits, log, command, silent, stops, true, group, handler);
  }
}
