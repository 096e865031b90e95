package dev.trapline.vm.state;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Between what a number of a state record, or each of an array, lies; others are refused when a state is put together. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
  long least() default 0;

  /** The most, inclusive. */
  long most();
}
