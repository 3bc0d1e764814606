// Where every touch ends up: controls say what was meant, the Face passes it on.
pragma Singleton
import QtQuick

QtObject {
    signal acted(intent: string, value: string)
}
