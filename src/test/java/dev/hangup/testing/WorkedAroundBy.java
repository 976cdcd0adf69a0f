package dev.hangup.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Collectors;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * What of Hangup works around the fault that a test shows, of Helidon or of the JDK. The test passes as long as there is the
 * fault; when it fails, it says what may go.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(WorkedAroundBy.Mended.class)
public @interface WorkedAroundBy {
    /** The classes. */
    Class<?>[] value();

    /** What of them, if not all. */
    String[] members() default {};

    /** Adds to the failure of a test what it means. */
    final class Mended implements TestExecutionExceptionHandler {
        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) {
            WorkedAroundBy workaround = context.getRequiredTestMethod().getAnnotation(WorkedAroundBy.class);
            String classes = Arrays.stream(workaround.value()).map(Class::getName).collect(Collectors.joining(", "));
            String members = workaround.members().length == 0 ? "" : " (" + String.join(", ", workaround.members()) + ")";
            throw new AssertionError("This fault seems to be mended upstream. If it is, delete or simplify " + classes + members
                                             + ", this test, and its entry in src/doc/upstream-faults.md", failure);
        }
    }
}
