package dev.hangup.testing;

import java.io.InputStream;
import java.io.OutputStream;

/** A process that is passed on to another one, unless a test overrides what it does. */
public abstract class OtherProcess extends Process {
    private final Process process;

    /** Passes all on to a process. */
    protected OtherProcess(Process process) {
        this.process = process;
    }

    @Override
    public OutputStream getOutputStream() {
        return process.getOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return process.getInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return process.getErrorStream();
    }

    @Override
    public int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public int exitValue() {
        return process.exitValue();
    }

    @Override
    public void destroy() {
        process.destroy();
    }
}
