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
 * What Helidon keeps in thread locals, carried from the thread that captured it to another: the request's context,
 * and what {@link DataPropagationProvider}s offer (the logging context among it). Forks inherit scoped values by
 * themselves, but no thread locals. It goes one way: what a handler puts into its thread's logging context, a filter
 * outside of the race does not find there afterwards.
 *
 * @param context the request's; {@code null} for none
 * @param data    what there is of each provider's, {@code null} for nothing; {@code null} itself if there is nothing of any
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
            // a new thread has nothing either, and to tell it so costs memory for as long as the work lasts
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
