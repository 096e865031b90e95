package dev.trapline.vm.state;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How many elements an array or list of a state record has; another number is refused when a state is put together. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Length {
  /** The most, or the only number. */
  int value();

  /** The least; not given: {@link #value}. */
  int least() default -1;
}
