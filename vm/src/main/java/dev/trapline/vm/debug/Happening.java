package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.event.Event;

/**
 * An event as a handler sees it: {@code e.reason}, {@code e.guest}, {@code e.rip}, {@code e.count}; {@code e.rax} and every other register
 * and symbol by its name; {@code e.u32(address)} for memory. It is good while the handler runs.
 */
public final class Happening {
  private final Vantage vantage;
  private final int id;
  private final long hits;
  private final Place place;
  private final Event event;
  private final EventValues values = new EventValues();

  Happening(Vantage vantage, int id, long hits, Place place) {
    this.vantage = vantage;
    this.id = id;
    this.hits = hits;
    this.place = place;
    this.event = vantage.event();
    values.set(event);
  }

  /** The kind's word: {@code exit}, {@code io}. */
  public String getKind() {
    return event.kind().word();
  }

  /** What it is about, by name: an exit's reason {@code npf}, an exception {@code #PF}, a step {@code save}, a line's text. */
  public String getReason() {
    return EventText.reason(event);
  }

  /** The event in a few words, as traces print it. */
  public String getWhat() {
    return EventText.of(event);
  }

  /** The event itself. */
  public Event getEvent() {
    return event;
  }

  /** The name of the guest; empty on the bare machine. */
  public String getGuest() {
    return place.guest();
  }

  /** Number of the processor. */
  public int getCpu() {
    return place.cpu();
  }

  /** Instructions retired. */
  public long getCount() {
    return place.count();
  }

  /** Virtual time in nanoseconds. */
  public long getTime() {
    return place.nanoseconds();
  }

  /** Offset of the instruction that does it, or that it comes to. */
  public long getRip() {
    return place.offset();
  }

  /** Nearest symbol, or null. */
  public String getSymbol() {
    return place.symbol();
  }

  public int getCpl() {
    return place.cpl();
  }

  /** The processor's mode: {@code long64}. */
  public String getMode() {
    return place.mode();
  }

  public long getCr3() {
    return vantage.cpu().cr3;
  }

  /** Port, address, register, vector or exit code. */
  public long getNumber() {
    return EventValues.number(event);
  }

  /** The value read or written; of an entry the event injected. */
  public long getValue() {
    return values.get("value");
  }

  /** The address accessed or faulting. */
  public long getAddress() {
    return values.get("address");
  }

  /** Bytes of the access. */
  public int getSize() {
    return (int) values.get("size");
  }

  /** Whether it writes. */
  public boolean isWrite() {
    return values.get("write") != 0;
  }

  /** Error code, -1 for none. */
  public long getError() {
    return values.get("error");
  }

  /** EXITINFO1 of an exit. */
  public long getInfo1() {
    return values.get("info1");
  }

  /** EXITINFO2 of an exit. */
  public long getInfo2() {
    return values.get("info2");
  }

  /** Number of the exit, counted over its virtual processor. */
  public long getSerial() {
    return values.get("serial");
  }

  /** The text of a console line; else what {@link #getWhat} says. */
  public String getText() {
    return event instanceof Event.Line l ? l.text() : getWhat();
  }

  /** The virtual processor a world switch leaves, empty for none; null for other events. */
  public String getFrom() {
    return event instanceof Event.Switch s ? s.from() : null;
  }

  /** The virtual processor a world switch enters; null for other events. */
  public String getTo() {
    return event instanceof Event.Switch s ? s.to() : null;
  }

  /** Id of the breakpoint, and how often it was hit. */
  public int getId() {
    return id;
  }

  public long getHits() {
    return hits;
  }

  /** A register or symbol. @throws BadInput if there is none */
  public long get(String name) {
    return Expr.evaluate(name, vantage.names());
  }

  /** The value of an expression. */
  public long eval(String expression) {
    return Expr.evaluate(expression, vantage.names());
  }

  /** Scripting's hook for {@code e.NAME}. */
  public Object propertyMissing(String name) {
    return get(name);
  }

  /** Memory at linear addresses. @throws BadInput if nothing is mapped */
  public long u8(long linear) {
    return vantage.names().read(linear, 1);
  }

  public long u16(long linear) {
    return vantage.names().read(linear, 2);
  }

  public long u32(long linear) {
    return vantage.names().read(linear, 4);
  }

  public long u64(long linear) {
    return vantage.names().read(linear, 8);
  }

  /** Everything there is to see. */
  public Inspector getInspect() {
    return vantage.inspector();
  }

  @Override
  public String toString() {
    return getWhat();
  }
}
