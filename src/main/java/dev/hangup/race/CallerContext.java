package dev.hangup.race;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

import io.helidon.common.HelidonServiceLoader;
import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;
import io.helidon.common.context.spi.DataPropagationProvider;

/**
 * What Helidon keeps in thread locals, carried from the thread that captured it to another: the request's context,
 * and what {@link DataPropagationProvider}s offer (the logging context among it). Forks inherit scoped values by
 * themselves, but no thread locals. It goes one way: what a handler puts into its thread's logging context, a filter
 * outside of the race does not find there afterwards.
 */
final class CallerContext {
    @SuppressWarnings("rawtypes")
    private static final List<DataPropagationProvider> PROVIDERS = HelidonServiceLoader
            .create(ServiceLoader.load(DataPropagationProvider.class))
            .asList();

    private final Optional<Context> context = Contexts.context();
    private final Object[] data = new Object[PROVIDERS.size()];

    private CallerContext() {
        for (int i = 0; i < data.length; i++) {
            data[i] = PROVIDERS.get(i).data();
        }
    }

    static CallerContext capture() {
        return new CallerContext();
    }

    @SuppressWarnings("unchecked")
    void run(Runnable work) {
        for (int i = 0; i < data.length; i++) {
            PROVIDERS.get(i).propagateData(data[i]);
        }
        try {
            context.ifPresentOrElse(it -> Contexts.runInContext(it, work), work);
        } finally {
            for (int i = 0; i < data.length; i++) {
                PROVIDERS.get(i).clearData(data[i]);
            }
        }
    }
}
