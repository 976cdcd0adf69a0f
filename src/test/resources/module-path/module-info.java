module example {
    requires dev.hangup;

    // tasks are made by their names
    opens example to dev.hangup;
}
