package dev.hangup.proof;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.testing.Await;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Does what its requests plan, and keeps an account of it. */
final class PlannedWork implements Handler {
    private final Map<Long, Exchange> exchanges = new ConcurrentHashMap<>();
    private final Queue<String> strangers = new ConcurrentLinkedQueue<>();

    void expect(Exchange exchange) {
        exchanges.put(exchange.id, exchange);
    }

    void forget(Exchange exchange) {
        exchanges.remove(exchange.id);
    }

    /** Requests that nobody has sent: bytes of a body, taken for one. */
    List<String> strangers() {
        return List.copyOf(strangers);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        Exchange exchange = exchanges.get(Long.parseLong(request.path().pathParameters().get("id")));
        if (exchange == null) {
            strangers.add(request.prologue() + " " + request.headers());
            return;
        }
        exchange.begin();
        try {
            new Performance(exchange, request, response).run();
            exchange.complete();
        } catch (Throwable e) {
            exchange.stop(e);
            throw e;
        }
    }

    private static final class Performance {
        private final Exchange exchange;
        private final ServerRequest request;
        private final ServerResponse response;
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private byte[] answer;
        private InputStream input;
        private OutputStream output;
        private int written;

        private Performance(Exchange exchange, ServerRequest request, ServerResponse response) {
            this.exchange = exchange;
            this.request = request;
            this.response = response;
        }

        private void run() throws Exception {
            for (Step step : exchange.steps) {
                switch (step) {
                case Step.Read(int bytes) -> read(bytes);
                case Step.Send() -> {
                    beginAnswer();
                    response.send(answer);
                }
                case Step.Write(int bytes, boolean flush) -> write(bytes, flush);
                case Step.Wait(int micros) -> await(micros);
                case Step.Compute(int micros) -> compute(1_000L * micros);
                case Step.GoOn(boolean computing) -> {
                    if (computing) {
                        compute(Await.TIME.toNanos());
                    } else {
                        Thread.sleep(Await.TIME);
                    }
                    exchange.trouble("never interrupted");
                }
                }
            }
            if (output != null) {
                output.close();
            }
        }

        private void read(int count) throws IOException {
            if (input == null) {
                input = request.content().inputStream();
            }
            byte[] sent = exchange.body.bytes();
            read.writeBytes(input.readNBytes(count));
            if (!Arrays.equals(sent, 0, read.size(), read.toByteArray(), 0, read.size())) {
                exchange.trouble("read other bytes than were sent, up to " + read.size());
            }
            if (read.size() == sent.length && input.read() != -1) {
                exchange.trouble("read more than was sent");
            }
        }

        private void beginAnswer() {
            long id = Long.parseLong(request.path().pathParameters().get("id"));
            answer = Exchange.answer(id, Arrays.hashCode(read.toByteArray()), exchange.answerLength);
            response.header(HeaderNames.create("X-Id"), Exchange.digits(id));
        }

        private void write(int count, boolean flush) throws IOException {
            if (output == null) {
                beginAnswer();
                output = response.outputStream();
            }
            output.write(answer, written, count);
            written += count;
            if (flush) {
                output.flush();
            }
        }

        private static void await(int micros) throws InterruptedException {
            CountDownLatch event = new CountDownLatch(1);
            Thread.startVirtualThread(() -> {
                LockSupport.parkNanos(1_000L * micros);
                event.countDown();
            });
            event.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS);
        }

        private static void compute(long nanos) throws InterruptedException {
            long start = System.nanoTime();
            while (System.nanoTime() - start < nanos) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if ((System.nanoTime() - start) % 3 == 0) {
                    // threads that only yield to one another, two on each core, leave no others a chance
                    LockSupport.parkNanos(10_000);
                }
            }
        }
    }
}
