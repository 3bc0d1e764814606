// Loads a file when it is first wanted, or bit by bit once the first frame is out, and keeps what it made: the first frame does
// not wait for what it does not show, and the screens after it do not wait either.
import QtQuick

Loader {
    required property url file
    required property bool wanted
    property var properties: ({})
    readonly property bool due: wanted || Theme.settled

    function load() {
        if (!due || status === Loader.Ready)
            return;
        if (wanted && asynchronous) {
            source = ""; // hurried along, Qt 6.11 would forget the properties of a load that has begun
            asynchronous = false;
        }
        if (status === Loader.Null)
            setSource(file, properties);
    }

    asynchronous: true
    visible: wanted
    onDueChanged: load()
    onWantedChanged: load()
    Component.onCompleted: load()
}
