package dev.hangup.internal.race;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.BiConsumer;

import io.helidon.common.HelidonServiceLoader;
import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;
import io.helidon.common.context.spi.DataPropagationProvider;

/**
 * The context that Helidon keeps in thread locals, carried from the capturing thread to another: the request's context and the
 * data of each {@link DataPropagationProvider}, the logging context included. Forked threads inherit scoped values, but no thread
 * locals. Propagation goes one way: a filter outside of the race does not see what a handler has put into the logging context of
 * its thread.
 *
 * @param context the context of the request; {@code null} for none
 * @param data    the data of each provider, with {@code null} for a provider that has none; {@code null} if none has any
 */
record CallerContext(Context context, Object[] data) {
    @SuppressWarnings("rawtypes")
    private static final List<DataPropagationProvider> PROVIDERS = HelidonServiceLoader
            .create(ServiceLoader.load(DataPropagationProvider.class))
            .asList();

    private static final CallerContext NOTHING = new CallerContext(null, null);

    static CallerContext capture() {
        Object[] data = null;
        for (int i = 0; i < PROVIDERS.size(); i++) {
            Object provided = PROVIDERS.get(i).data();
            // a new thread has no such data either, and setting empty data costs memory for as long as the work runs
            if (provided != null && !(provided instanceof Map<?, ?> map && map.isEmpty())) {
                data = data == null ? new Object[PROVIDERS.size()] : data;
                data[i] = provided;
            }
        }
        Context context = Contexts.context().orElse(null);
        return context == null && data == null ? NOTHING : new CallerContext(context, data);
    }

    void run(Runnable work) {
        if (data == null) {
            runInContext(work);
            return;
        }
        forEach(DataPropagationProvider::propagateData);
        try {
            runInContext(work);
        } finally {
            forEach(DataPropagationProvider::clearData);
        }
    }

    private void runInContext(Runnable work) {
        if (context == null) {
            work.run();
        } else {
            Contexts.runInContext(context, work);
        }
    }

    @SuppressWarnings("unchecked")
    private void forEach(BiConsumer<DataPropagationProvider<Object>, Object> action) {
        for (int i = 0; i < data.length; i++) {
            if (data[i] != null) {
                action.accept(PROVIDERS.get(i), data[i]);
            }
        }
    }
}
