"""What all tests share: this folder on the import path, for the modules of data that several tests read.

pytest puts the folder of a conftest.py on the path; that is all this one is for.
"""
