package dev.hangup.testing;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;

/**
 * The threads of this JVM, virtual ones included, and the task scopes that they belong to, as a thread dump shows them.
 *
 * <p>The JDK tells them to thread dumps only, and a dump takes the JVM of JDK 25 down when virtual threads are mounted meanwhile
 * (JDK-8364343, {@code JdkFaultsTest}). So they are taken from where a dump takes them, which needs
 * {@code --add-exports java.base/jdk.internal.vm=ALL-UNNAMED} on the JVM's command line.
 */
public final class LiveThreads {
    private static final Method ROOT = method("ThreadContainers", "root");
    private static final Method THREADS = method("ThreadContainer", "threads");
    private static final Method CHILDREN = method("ThreadContainer", "children");

    private LiveThreads() {
    }

    /** Returns the threads that have been started and have not ended. */
    public static Stream<Thread> now() {
        return containers().flatMap(it -> it.threads().stream());
    }

    /**
     * Returns those of them that no scope and no executor of the JDK's holds, such as the threads of Helidon's server. To ask
     * for these is cheap; all of them take a look at each container for each other one.
     */
    public static Stream<Thread> unscoped() {
        return ((Stream<?>) get(THREADS, get(ROOT, null))).map(Thread.class::cast);
    }

    /** Returns what holds threads: the root, and each open scope. */
    public static Stream<Container> containers() {
        return within(get(ROOT, null), "");
    }

    private static Stream<Container> within(Object container, String parent) {
        List<Thread> threads = ((Stream<?>) get(THREADS, container)).map(Thread.class::cast).toList();
        String name = container.toString();
        Stream<Container> itself = Stream.of(new Container(name, parent, threads));
        // Scopes are opened by threads. An executor without threads, as each ended server leaves one, has none, and a search for
        // its children would visit every container.
        return threads.isEmpty()
                ? itself
                : Stream.concat(itself, ((Stream<?>) get(CHILDREN, container)).flatMap(child -> within(child, name)));
    }

    private static Method method(String type, String name) {
        try {
            return Class.forName("jdk.internal.vm." + type).getMethod(name);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static Object get(Method method, Object container) {
        try {
            return method.invoke(container);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("--add-exports java.base/jdk.internal.vm=ALL-UNNAMED is missing", e);
        }
    }

    /**
     * What holds threads.
     *
     * @param name    its name
     * @param parent  the name of what holds it, or an empty string
     * @param threads those that it holds itself
     */
    public record Container(String name, String parent, List<Thread> threads) {
    }
}
